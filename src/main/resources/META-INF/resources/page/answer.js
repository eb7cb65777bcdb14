/** An answer as it comes: the text, then passages, notes and times. */
import { bar, el } from './dom.js';
import { errorNotice } from './notices.js';
import { timeline } from './timeline.js';
import { has, rough, t } from './texts.js';

/** The name of a method as people read it. */
export function methodName(method) {
  return has(`method.${method}`) ? t(`method.${method}`) : method;
}

/** One answer. `element` stands in the page; the methods fill it. */
export class AnswerView {
  #text = el('p', { class: 'answer-text' });
  #rest = el('div', { class: 'answer-rest' });

  /** @param heading its heading, or null where the page has one already */
  constructor(heading, level = 'h2') {
    this.#text.append(el('span', { class: 'caret', 'aria-hidden': 'true' }));
    // While it is busy a screen reader waits, and then reads the whole answer.
    this.live = el('div', { 'aria-live': 'polite', 'aria-busy': 'true' }, this.#text);
    this.element = el('section', { class: 'answer' }, heading && el(level, { text: heading }), this.live, this.#rest);
  }

  /** More of the text. */
  add(text) {
    this.#text.lastChild.before(text);
  }

  /** The answer is complete. */
  finish(answer) {
    this.#text.replaceChildren(answer.answer || t('answer.empty'));
    this.live.setAttribute('aria-busy', 'false');
    this.#rest.replaceChildren(
      ...[
        bare(answer.text) !== bare(answer.answer) && whole(answer.text.trim()),
        facts(answer),
        passages(answer.passages),
        notes(answer),
        timeline(answer.timings),
      ].filter(Boolean),
    );
  }

  /** It was stopped by whoever asked. */
  stop() {
    this.#end();
    this.#rest.replaceChildren(el('p', { class: 'facts', text: t('ask.stopped') }));
  }

  /** There is no answer, or only its beginning. */
  fail(error) {
    this.#end();
    this.#rest.replaceChildren(errorNotice(error));
  }

  #end() {
    this.#text.lastChild.remove();
    this.live.setAttribute('aria-busy', 'false');
  }
}

/** Without what may stand around an answer. */
function bare(text) {
  return text.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '');
}

function whole(text) {
  return el(
    'details',
    { class: 'whole' },
    el('summary', { text: t('answer.whole') }),
    el('p', { class: 'source-text', text }),
  );
}

function facts(answer) {
  const said = [
    methodName(answer.method),
    t('answer.tokens', { count: answer.tokens }),
    t('answer.read', { count: answer.promptTokens }),
  ];
  if (answer.finish === 'length') {
    said.push(t('answer.cut'));
  }
  return el('p', { class: 'facts', text: said.join(' · ') });
}

/** What did not go as asked for, in the service's words; a passage has its title there instead of its id. */
function notes(answer) {
  const named = answer.notes.map((note) =>
    answer.passages.reduce((said, { id, title }) => (title ? said.replaceAll(id, `“${title}”`) : said), note),
  );
  return named.length === 0
    ? null
    : el(
        'section',
        { class: 'notes' },
        el('h3', { text: t('answer.notes') }),
        el('ul', {}, named.map((text) => el('li', { text }))),
      );
}

function passages(used) {
  if (used.length === 0) {
    return el('p', { class: 'hint', text: t('answer.noPassages') });
  }
  const largest = Math.max(...used.map((passage) => Math.abs(passage.weight ?? 0)));
  return el(
    'section',
    { class: 'passages' },
    el('h3', { text: t('answer.passages') }),
    el('ol', {}, used.map((passage) => usedPassage(passage, largest))),
  );
}

function usedPassage(passage, largest) {
  const figures = [t('answer.score', { n: rough(passage.score) })];
  if (passage.page) {
    figures.unshift(t('answer.page', { n: passage.page }));
  }
  return el(
    'li',
    {},
    el(
      'div',
      { class: 'passage-head' },
      el('a', { href: `#passages/${encodeURIComponent(passage.id)}`, text: passage.title || t('untitled') }),
      el('span', { class: `chip ${passage.through}`, text: t(`through.${passage.through}`) }),
    ),
    el('p', { class: 'source-text short', text: passage.text }),
    el(
      'div',
      { class: 'figures' },
      passage.weight !== null && bar(Math.abs(passage.weight) / (largest || 1)),
      passage.weight !== null && el('span', { text: t('answer.weight', { n: rough(passage.weight) }) }),
      el('span', { text: figures.join(' · ') }),
    ),
    passage.withoutAdapter && el('p', { class: 'hint', text: t(`without.${passage.withoutAdapter}`) }),
  );
}
