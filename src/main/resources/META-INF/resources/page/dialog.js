/** Questions that have to be answered before anything else happens. */
import { el, freshId } from './dom.js';
import { t } from './texts.js';

/** Asks whether to do it; resolves with true or false. The focus goes back to where it was. */
export function confirmed({ title, text, action }) {
  const titleId = freshId('dialog');
  const textId = freshId('dialog');
  const dialog = el(
    'dialog',
    { 'aria-labelledby': titleId, 'aria-describedby': textId },
    el(
      'form',
      { method: 'dialog' },
      el('h2', { id: titleId, text: title }),
      el('p', { id: textId, text }),
      el(
        'div',
        { class: 'actions' },
        el('button', { value: 'no', class: 'quiet', autofocus: true, text: t('cancel') }),
        el('button', { value: 'yes', class: 'danger', text: action }),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
