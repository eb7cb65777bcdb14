/**
 * <prag-ask>: a web component that asks a Parametric RAG service and shows the answer as it comes, with its citations.
 * One file without dependencies; load it as a module. What it takes, sends and fires is told in docs/portal.md.
 *
 * The page of the service itself asks through `ask` and `readEvents` of this file.
 */

/** What a service refused or failed at, as a sentence for people. `status` is 0 where nothing answered. */
export class AskError extends Error {
  constructor(message, status, retryAfter = null) {
    super(message);
    this.name = 'AskError';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The error that a response tells: the detail of a problem (RFC 9457), else its status. */
export async function errorOf(response) {
  const problem = await response.json().catch(() => ({}));
  const message = problem.detail || problem.title || `${response.status} ${response.statusText}`.trim();
  return new AskError(message, response.status, response.headers.get('Retry-After'));
}

/** The server-sent events of a response as `{name, data}`, data parsed as JSON. */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  let name = 'message';
  let data = [];
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (unread + piece.value).split(/\r\n|\n|\r(?!$)/);
      unread = lines.pop();
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) {
            yield { name, data: JSON.parse(data.join('\n')) };
          }
          name = 'message';
          data = [];
        } else if (line.startsWith('event:')) {
          name = line.slice(6).trim();
        } else if (line.startsWith('data:')) {
          data.push(line.slice(5).replace(/^ /, ''));
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Asks, and resolves with the whole answer.
 *
 * @param url of the service's `answers`
 * @param question fields of `POST /answers`
 * @param headers to send beside those that the request needs
 * @param signal of an AbortController: aborting stops the generation
 * @param onToken is called with each piece of text
 * @throws AskError with the service's own words, or DOMException where it was aborted
 */
export async function ask(url, question, { headers = {}, signal, onToken = () => {} } = {}) {
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', ...headers },
    body: JSON.stringify(question),
  });
  if (!response.ok) {
    throw await errorOf(response);
  }
  for await (const event of readEvents(response)) {
    if (event.name === 'token') {
      onToken(event.data.text);
    } else if (event.name === 'done') {
      return event.data;
    } else if (event.name === 'error') {
      throw new AskError(event.data.detail || event.data.title, event.data.status);
    }
  }
  throw new AskError('', 0);
}

const TEXTS = {
  en: {
    label: 'Your question',
    ask: 'Ask',
    stop: 'Stop',
    busy: 'Answering …',
    sources: 'Sources',
    unreachable: 'The service can’t be reached. Try again in a moment.',
  },
  zh: {
    label: '您的问题',
    ask: '提问',
    stop: '停止',
    busy: '正在回答……',
    sources: '来源',
    unreachable: '无法连接到服务，请稍后再试。',
  },
};

// Colours are dark where the page that it stands in is (its color-scheme), and the page's own where it names some.
const STYLE = `
:host {
  --_ink: var(--prag-ink, light-dark(#1f1d1a, #ece8e1));
  --_muted: var(--prag-muted, light-dark(#5f5a52, #b0a99e));
  --_surface: var(--prag-surface, light-dark(#fff, #201e1b));
  --_line: var(--prag-line, light-dark(#8b857b, #7d766b));
  --_accent: var(--prag-accent, light-dark(#0f5f57, #7cc8bb));
  --_accent-ink: var(--prag-accent-ink, light-dark(#fff, #0d2522));
  --_danger: var(--prag-danger, light-dark(#8f1f17, #f5b0a9));
  --_danger-soft: var(--prag-danger-soft, light-dark(#fbe9e7, #3d201d));
  display: block; color: var(--_ink); background: var(--prag-background, transparent);
  font: var(--prag-font, 1rem/1.55 system-ui, sans-serif); }
:host([hidden]) { display: none; }
form { display: flex; gap: .5rem; flex-wrap: wrap; }
label { flex: 1 1 14rem; display: grid; gap: .35rem; font-size: .875em; color: var(--_muted); }
input, button { font: inherit; border-radius: var(--prag-radius, .5rem); padding: .6em .8em; box-sizing: border-box; }
input { width: 100%; font-size: 1rem; color: var(--_ink); background: var(--_surface);
  border: 1px solid var(--_line); }
button { cursor: pointer; border: 1px solid transparent; align-self: end; }
form button { background: var(--_accent); color: var(--_accent-ink); font-weight: 600; }
:focus-visible { outline: 3px solid var(--prag-focus, var(--_accent)); outline-offset: 2px; }
.answer { margin: 1.1em 0 0; font-size: 1.125em; white-space: pre-wrap; overflow-wrap: anywhere; }
.answer:empty, .error:empty, .sources:empty { display: none; }
.status { margin: .6em 0 0; color: var(--_muted); }
.status:empty { display: none; }
.error { margin: 1.1em 0 0; padding: .7em .9em; border-radius: var(--prag-radius, .5rem);
  color: var(--_danger); background: var(--_danger-soft); }
.sources { margin: 1.1em 0 0; font-size: .9em; }
h2 { margin: 0 0 .4em; font-size: 1em; }
ol { margin: 0; padding-left: 1.6em; display: grid; gap: .35em; }
li { color: var(--_muted); }
li button { padding: .1em 0; background: none; color: var(--_accent); text-align: left;
  text-decoration: underline; text-underline-offset: .2em; }
li p { margin: .2em 0 .4em; color: var(--_ink); white-space: pre-wrap; overflow-wrap: anywhere; }
`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export class PragAsk extends HTMLElement {
  static observedAttributes = ['placeholder', 'label', 'lang', 'disabled'];

  /**
   * A bearer token, or a function (async, if need be) that gives one; its argument says that the last one was refused.
   * One that the page set before this file had come stays.
   */
  token = this.token ?? null;

  #form = element('form', { part: 'form' });
  #label = element('span');
  #input = element('input', { part: 'input', type: 'text', autocomplete: 'off', required: '', maxlength: '20000' });
  #button = element('button', { part: 'button' });
  #status = element('p', { class: 'status', part: 'status', role: 'status' });
  #answer = element('div', { class: 'answer', part: 'answer', 'aria-live': 'polite' });
  #error = element('div', { class: 'error', part: 'error', role: 'alert' });
  #sources = element('div', { class: 'sources', part: 'sources' });
  #running = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    // A sheet of its own, which no content security policy of the page that it stands in forbids.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#form.append(element('label', {}, this.#label, this.#input), this.#button);
    root.append(this.#form, this.#status, this.#answer, this.#error, this.#sources);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#running) {
        this.stop();
      } else {
        this.ask(this.#input.value);
      }
    });
  }

  connectedCallback() {
    this.#say();
  }

  disconnectedCallback() {
    this.stop();
  }

  attributeChangedCallback() {
    this.#say();
  }

  /** Stops the answer that is being written. */
  stop() {
    this.#running?.abort();
  }

  /** Asks; resolves with the answer, or with null where there is none (the events say why). */
  async ask(question) {
    const asked = String(question ?? '').trim();
    if (asked === '' || this.hasAttribute('disabled') || !this.#fire('prag-question', { question: asked }, true)) {
      return null;
    }
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#input.value = asked;
    this.#answer.textContent = '';
    this.#error.textContent = '';
    this.#sources.replaceChildren();
    this.#answer.setAttribute('aria-busy', 'true');
    this.#say();
    try {
      const answer = await this.#send(asked, running.signal);
      this.#answer.textContent = answer.answer;
      this.#cite(answer.passages);
      this.#fire('prag-answer', { answer });
      return answer;
    } catch (error) {
      if (!running.signal.aborted) {
        const message = (error instanceof AskError && error.message) || this.#texts().unreachable;
        this.#error.textContent = message;
        this.#fire('prag-error', { status: error.status ?? 0, message });
      }
      return null;
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.#answer.setAttribute('aria-busy', 'false');
        this.#say();
      }
    }
  }

  async #send(question, signal, refused = false) {
    const given = typeof this.token === 'function' ? await this.token(refused) : this.token;
    const headers = given ? { Authorization: `Bearer ${given}` } : {};
    try {
      return await ask(this.#url(), this.#request(question), {
        headers,
        signal,
        onToken: (text) => {
          if (!signal.aborted) {
            this.#answer.append(text);
            this.#fire('prag-token', { text });
          }
        },
      });
    } catch (error) {
      // A token that ran out: whoever gives tokens may have a fresh one.
      if (error.status === 401 && !refused && typeof this.token === 'function') {
        return this.#send(question, signal, true);
      }
      throw error;
    }
  }

  /** The service is where this file came from, unless `src` names another place. */
  #url() {
    const base = this.getAttribute('src');
    const service = base ? new URL(base.replace(/\/?$/, '/'), document.baseURI) : new URL('.', import.meta.url);
    return new URL('answers', service);
  }

  #request(question) {
    const request = { question };
    if (this.hasAttribute('method')) {
      request.method = this.getAttribute('method');
    }
    if (this.hasAttribute('top-k')) {
      request.topK = Number(this.getAttribute('top-k'));
    }
    if (this.hasAttribute('filter')) {
      request.filter = JSON.parse(this.getAttribute('filter'));
    }
    return request;
  }

  #cite(passages) {
    if (passages.length === 0) {
      return;
    }
    const list = element('ol', { part: 'citations' });
    for (const passage of passages) {
      const text = element('p', {}, passage.text);
      text.hidden = true;
      const name = [passage.title || passage.text.slice(0, 60), passage.page].filter(Boolean).join(', ');
      const open = element('button', { type: 'button', part: 'citation', 'aria-expanded': 'false' }, name);
      open.addEventListener('click', () => {
        if (this.#fire('prag-passage', { passage }, true)) {
          text.hidden = !text.hidden;
          open.setAttribute('aria-expanded', String(!text.hidden));
        }
      });
      list.append(element('li', {}, open, text));
    }
    this.#sources.append(element('h2', {}, this.#texts().sources), list);
  }

  #texts() {
    const language = this.getAttribute('lang') || document.documentElement.lang || navigator.language || 'en';
    return TEXTS[language.toLowerCase().split('-')[0]] ?? TEXTS.en;
  }

  #say() {
    const texts = this.#texts();
    this.#label.textContent = this.getAttribute('label') || texts.label;
    this.#input.placeholder = this.getAttribute('placeholder') ?? '';
    this.#input.disabled = this.hasAttribute('disabled');
    this.#button.disabled = this.hasAttribute('disabled');
    this.#button.textContent = this.#running ? texts.stop : texts.ask;
    this.#status.textContent = this.#running ? texts.busy : '';
  }

  /** Whether the event's default may happen. */
  #fire(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }));
  }
}

if (!customElements.get('prag-ask')) {
  customElements.define('prag-ask', PragAsk);
}
