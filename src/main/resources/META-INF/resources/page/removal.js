/** Deleting a document, with a question first. */
import { send } from './api.js';
import { confirmed } from './dialog.js';
import { announce } from './notices.js';
import { t } from './texts.js';

/** Asks, deletes, and then calls `onDone`. Resolves with the error where it failed, else with null. */
export async function removeDocument(id, title, onDone) {
  const sure = await confirmed({
    title: t('documents.deleteTitle'),
    text: t('documents.deleteText', { title }),
    action: t('documents.delete'),
  });
  if (!sure) {
    return null;
  }
  try {
    await send('DELETE', `/documents?id=${encodeURIComponent(id)}`);
  } catch (error) {
    return error;
  }
  announce(t('documents.deleted', { title }));
  onDone();
  return null;
}
