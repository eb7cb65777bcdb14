/** Files that are dropped or chosen, and what became of them. */
import { send } from './api.js';
import { el } from './dom.js';
import { announce, errorNotice } from './notices.js';
import { t } from './texts.js';

/** @param onAdded is called when documents have come in */
export function uploadZone(onAdded) {
  const input = el('input', { type: 'file', multiple: true, id: 'files', class: 'unseen' });
  const outcome = el('div', { class: 'outcome' });
  const zone = el(
    'div',
    { class: 'drop' },
    el(
      'p',
      {},
      `${t('documents.drop')} `,
      el('label', { for: 'files', class: 'as-link', text: t('documents.choose') }),
    ),
    input,
  );

  async function upload(files) {
    if (files.length === 0) {
      return;
    }
    const body = new FormData();
    files.forEach((file) => body.append('file', file, file.name));
    const said = t('documents.uploading', { count: files.length });
    zone.classList.add('busy');
    input.disabled = true;
    announce(said);
    outcome.replaceChildren(el('p', { class: 'notice loading', text: said }));
    try {
      const response = await send('POST', '/documents', { body, headers: { Accept: 'application/json' } });
      outcome.replaceChildren(summary(await response.json()));
      onAdded();
    } catch (error) {
      outcome.replaceChildren(errorNotice(error, () => upload(files)));
    } finally {
      zone.classList.remove('busy');
      input.disabled = false;
      input.value = '';
    }
  }

  input.addEventListener('change', () => upload([...input.files]));
  // A drag over the zone's children leaves and enters it again.
  let depth = 0;
  const over = (by) => {
    depth += by;
    zone.classList.toggle('over', depth > 0);
  };
  zone.addEventListener('dragenter', () => over(1));
  zone.addEventListener('dragleave', () => over(-1));
  zone.addEventListener('dragover', (event) => event.preventDefault());
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    over(-depth);
    upload([...event.dataTransfer.files]);
  });
  return el('section', { class: 'upload', 'aria-label': t('documents.add') }, zone, outcome);
}

/** What came in, and what was refused with its reasons. */
function summary({ documents, refused = [] }) {
  const counts = ['added', 'changed', 'unchanged']
    .map((outcome) => [outcome, documents.filter((document) => document.outcome === outcome).length])
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => t(`documents.${outcome}`, { count }));
  const notes = documents.flatMap((document) => document.notes ?? []);
  return el(
    'div',
    { class: `notice ${refused.length > 0 ? 'warn' : 'good'}`, role: 'status' },
    counts.length > 0 && el('p', { text: `${counts.join(', ')}.` }),
    refused.length > 0 && el('p', { text: `${t('documents.refused', { count: refused.length })}:` }),
    refused.length > 0 &&
      el('ul', {}, refused.map(({ name, reason }) => el('li', {}, el('strong', { text: name }), ` ${reason}`))),
    notes.map((text) => el('p', { class: 'said', text })),
  );
}
