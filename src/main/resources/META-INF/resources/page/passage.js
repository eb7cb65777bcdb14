/** One passage: its text, its adapter, and what that is trained on. */
import { getJson, send } from './api.js';
import { el } from './dom.js';
import { errorNotice, loadingNotice } from './notices.js';
import { stateChip } from './states.js';
import { bytes, has, t } from './texts.js';

/** Shows the view; returns what ends it. */
export function passageView(main, context, id) {
  const ending = new AbortController();
  const back = el('p', { class: 'back' }, el('a', { href: '#documents', text: t('documents.back') }));
  const heading = el('h1', { text: t('document.passage', { n: '' }) });
  const body = el('div', { class: 'sections' }, loadingNotice());
  main.append(back, heading, body);

  async function look() {
    try {
      const passage = await getJson(`/passages/${encodeURIComponent(id)}`, ending.signal);
      const title = passage.title || t('untitled');
      heading.textContent = t('passage.title', { n: passage.position + 1, title });
      document.title = t('page.title', { view: heading.textContent });
      back.replaceChildren(el('a', { href: `#documents/${encodeURIComponent(passage.document)}`, text: title }));
      body.replaceChildren(...sections(passage).filter(Boolean));
    } catch (error) {
      if (!ending.signal.aborted) {
        body.replaceChildren(errorNotice(error, look));
      }
    }
  }

  look();
  return () => ending.abort();
}

function sections(passage) {
  const place = [passage.headings, passage.page && t('answer.page', { n: passage.page })].filter(Boolean).join(' · ');
  const made = passage.augmentation;
  return [
    el('p', { class: 'chips' }, stateChip(passage.state), place && el('span', { class: 'hint', text: place })),
    el('p', { class: 'source-text reading', text: passage.text }),
    (passage.error || passage.note) && el('p', { class: 'notice warn', text: passage.error || passage.note }),
    ...(made === null ? [el('p', { class: 'notice empty', text: t('passage.noAugmentation') })] : augmentation(made)),
    el('h2', { text: t('passage.adapter') }),
    passage.adapter === null ? el('p', { class: 'hint', text: t('passage.noAdapter') }) : adapter(passage),
  ];
}

function augmentation({ rewrites, pairs }) {
  return [
    rewrites.length > 0 && el('h2', { text: t('passage.rewrites') }),
    ...rewrites.map((text) => el('p', { class: 'source-text', text })),
    pairs.length > 0 && el('h2', { text: t('passage.pairs') }),
    pairs.length > 0 && el('dl', { class: 'pairs' }, pairs.map(pair)),
  ].filter(Boolean);
}

function pair({ question, answer, origin }) {
  const from = has(`origin.${origin}`) ? t(`origin.${origin}`) : origin;
  return el(
    'div',
    {},
    el('dt', { text: question }),
    el('dd', {}, answer, from && el('span', { class: 'chip', text: from })),
  );
}

function adapter(passage) {
  const { rank, bytes: size } = passage.adapter;
  const failure = el('div');
  const download = async () => {
    failure.replaceChildren();
    try {
      // Through the page rather than a link, so that it works with a key, too, and errors come as sentences.
      const response = await send('GET', `/passages/${encodeURIComponent(passage.id)}/adapter`);
      const address = URL.createObjectURL(await response.blob());
      el('a', { href: address, download: `adapter-${passage.id}.zip` }).click();
      URL.revokeObjectURL(address);
    } catch (error) {
      failure.replaceChildren(errorNotice(error));
    }
  };
  return el(
    'div',
    { class: 'sections' },
    el('p', { text: t('passage.adapterText', { rank, size: bytes(size) }) }),
    el('button', { type: 'button', class: 'quiet', text: t('passage.download'), on: { click: download } }),
    failure,
  );
}
