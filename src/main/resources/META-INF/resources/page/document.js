/** One document: where it comes from, and how far each of its passages is. */
import { getJson } from './api.js';
import { el } from './dom.js';
import { errorNotice, loadingNotice } from './notices.js';
import { removeDocument } from './removal.js';
import { isUnderWay, stateChip } from './states.js';
import { moment, t } from './texts.js';

/** Milliseconds between looks while an encoder is at it. */
const BETWEEN = 3000;

/** Shows the view; returns what ends it. */
export function documentView(main, { caller }, id) {
  const ending = new AbortController();
  const back = el('p', { class: 'back' }, el('a', { href: '#documents', text: t('documents.back') }));
  const heading = el('h1', { text: t('documents.title') });
  const body = el('div', { class: 'sections' }, loadingNotice());
  main.append(back, heading, body);
  const states = new Map();
  let timer = 0;

  async function look() {
    try {
      const found = await getJson(`/documents?id=${encodeURIComponent(id)}`, ending.signal);
      if (states.size === 0) {
        heading.textContent = found.title || t('untitled');
        document.title = t('page.title', { view: heading.textContent });
        body.replaceChildren(facts(found), ...actions(found), passages(found.passages));
      }
      found.passages.forEach((passage) => showState(states.get(passage.id), passage));
      const counts = Object.fromEntries(found.passages.map((passage) => [passage.state, 1]));
      timer = isUnderWay(counts) ? setTimeout(look, BETWEEN) : 0;
    } catch (error) {
      if (!ending.signal.aborted) {
        states.clear();
        body.replaceChildren(errorNotice(error, look));
      }
    }
  }

  function actions(found) {
    if (!caller.mayWrite) {
      return [];
    }
    const failure = el('div');
    const remove = async () => {
      const named = found.title || found.id;
      const failed = await removeDocument(found.id, named, () => location.assign('#documents'));
      failure.replaceChildren(...(failed ? [errorNotice(failed)] : []));
    };
    return [
      el(
        'div',
        { class: 'actions' },
        el('button', { type: 'button', class: 'quiet', text: t('documents.delete'), on: { click: remove } }),
      ),
      failure,
    ];
  }

  function passages(all) {
    return el('ol', { class: 'passage-list' }, all.map((passage) => item(passage)));
  }

  function item(passage) {
    const state = el('span', { class: 'chips' });
    const said = el('p', { class: 'hint' });
    states.set(passage.id, { state, said });
    return el(
      'li',
      {},
      el(
        'div',
        { class: 'passage-head' },
        el('h2', { text: t('document.passage', { n: passage.position + 1 }) }),
        state,
      ),
      passage.headings && el('p', { class: 'hint', text: passage.headings }),
      el('p', { class: 'source-text', text: passage.text }),
      said,
      el(
        'p',
        {},
        el('a', {
          href: `#passages/${encodeURIComponent(passage.id)}`,
          'aria-label': `${t('document.open')}: ${t('document.passage', { n: passage.position + 1 })}`,
          text: t('document.open'),
        }),
      ),
    );
  }

  look();
  return () => {
    ending.abort();
    clearTimeout(timer);
  };
}

function showState(places, passage) {
  // A passage that came since was not there when the page was made.
  if (places && places.shown !== passage.state) {
    places.shown = passage.state;
    places.state.replaceChildren(stateChip(passage.state));
    places.said.textContent = passage.error || passage.note || '';
  }
}

function facts(found) {
  const known = [
    [t('document.id'), found.id],
    [t('document.source'), found.source],
    [t('document.updated'), moment(found.updatedAt)],
    [t('document.readers'), (found.readers ?? []).join(', ')],
    ...Object.entries(found.metadata).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ].filter(([, value]) => value);
  return el(
    'dl',
    { class: 'facts-list' },
    known.map(([name, value]) => el('div', {}, el('dt', { text: name }), el('dd', { text: value }))),
  );
}
