/** The documents there are, those that are added, and how far they are. */
import { getJson } from './api.js';
import { removeDocument } from './removal.js';
import { el, field } from './dom.js';
import { EncodingPanel } from './encoding.js';
import { emptyNotice, errorNotice, loadingNotice } from './notices.js';
import { pause } from './pause.js';
import { STATES, isUnderWay, stateChips } from './states.js';
import { moment, t } from './texts.js';
import { uploadZone } from './upload.js';

const PAGE = 50;
/** The most that the service lists at once. */
const MOST = 200;
/** Milliseconds between looks at the list where the progress of all documents may not be seen. */
const BETWEEN = 4000;
/** Milliseconds after the last letter until it is searched. */
const TYPING = 300;

/** Shows the view; returns what ends it. */
export function documentsView(main, { caller }) {
  const ending = new AbortController();
  const title = el('input', { type: 'search', autocomplete: 'off' });
  const state = el(
    'select',
    {},
    el('option', { value: '', text: t('documents.anyState') }),
    STATES.map((name) => el('option', { value: name, text: t(`state.${name}`) })),
  );
  const shown = el('p', { class: 'hint', role: 'status' });
  const rows = el('ul', { class: 'documents' });
  const more = el('button', { type: 'button', class: 'quiet', hidden: true, text: t('documents.more') });
  const below = el('div', {}, loadingNotice());
  const panel = new EncodingPanel();
  let count = 0;
  let next = null;
  let asked = 0;
  let underWay = false;

  /** Shows the first page, or as much as was shown before. */
  async function load(size = PAGE) {
    const mine = ++asked;
    try {
      const page = await list(Math.min(size, MOST), null);
      if (mine === asked) {
        rows.replaceChildren(...page.documents.map(row));
        underWay = page.documents.some((document) => isUnderWay(document.states));
        settle(page, page.documents.length);
      }
    } catch (error) {
      tell(error, mine);
    }
  }

  async function loadMore() {
    const mine = ++asked;
    more.disabled = true;
    try {
      const page = await list(PAGE, next);
      if (mine === asked) {
        const added = page.documents.map(row);
        rows.append(...added);
        underWay ||= page.documents.some((document) => isUnderWay(document.states));
        settle(page, count + added.length);
        added[0]?.querySelector('a').focus();
      }
    } catch (error) {
      tell(error, mine);
    } finally {
      more.disabled = false;
    }
  }

  async function list(limit, after) {
    const query = new URLSearchParams({ limit: String(limit) });
    const wanted = { after, title: title.value.trim(), state: state.value };
    Object.entries(wanted).forEach(([name, value]) => value && query.set(name, value));
    let page = await getJson(`/documents?${query}`, ending.signal);
    // A page of a list that is filtered may be empty although the list goes on.
    while (page.documents.length === 0 && page.next !== null) {
      query.set('after', page.next);
      page = await getJson(`/documents?${query}`, ending.signal);
    }
    return page;
  }

  function settle(page, now) {
    count = now;
    next = page.next;
    more.hidden = next === null;
    shown.textContent = count > 0 ? t('documents.shown', { count }) : '';
    below.replaceChildren(...(count > 0 ? [] : [emptyNotice(nothing())]));
  }

  function nothing() {
    if (title.value.trim() !== '' || state.value !== '') {
      return t('documents.noneFound');
    }
    return caller.mayWrite ? t('documents.none') : t('documents.noneMayAdd');
  }

  function tell(error, mine) {
    if (mine === asked && !ending.signal.aborted) {
      below.replaceChildren(errorNotice(error, () => load()));
    }
  }

  function row(document) {
    const named = document.title || document.id;
    const remove = async () => {
      const failed = await removeDocument(document.id, named, () => load(Math.max(PAGE, count)));
      if (failed) {
        below.replaceChildren(errorNotice(failed));
      }
    };
    return el(
      'li',
      {},
      el(
        'div',
        { class: 'document-name' },
        el('a', { href: `#documents/${encodeURIComponent(document.id)}`, text: named }),
        el('p', {
          class: 'hint',
          text: `${t('documents.passages', { count: document.passages })} · ${moment(document.updatedAt)}`,
        }),
      ),
      stateChips(document.states),
      caller.mayWrite &&
        el('button', {
          type: 'button',
          class: 'quiet small',
          'aria-label': t('documents.deleteNamed', { title: named }),
          text: t('documents.delete'),
          on: { click: remove },
        }),
    );
  }

  let typing = 0;
  title.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => load(), TYPING);
  });
  state.addEventListener('change', () => load());
  more.addEventListener('click', loadMore);
  main.append(el('h1', { text: t('documents.title') }));
  if (caller.mayWrite) {
    main.append(uploadZone(() => load()));
  }
  main.append(
    panel.element,
    el('div', { class: 'fields filters' }, field(t('documents.search'), title), field(t('documents.state'), state)),
    shown,
    rows,
    below,
    el('div', { class: 'actions' }, more),
  );
  /** Shows the rows as they are now, unless somebody is at one of them with the keyboard or has been asked about it. */
  function refresh() {
    if (!rows.contains(document.activeElement) && document.querySelector('dialog') === null && count <= MOST) {
      load(Math.max(PAGE, count));
    }
  }

  async function follow() {
    await panel.follow(ending.signal, refresh);
    while (!ending.signal.aborted) {
      await pause(BETWEEN, ending.signal);
      if (underWay && !ending.signal.aborted) {
        refresh();
      }
    }
  }

  load();
  follow();
  return () => ending.abort();
}
