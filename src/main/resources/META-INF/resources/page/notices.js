/** What is said to people beside the content: errors, empty and loading states, and words for screen readers. */
import { el } from './dom.js';
import { t } from './texts.js';

/** An error as a sentence, with a way to try again where there is one. */
export function errorNotice(error, retry) {
  return el(
    'div',
    { class: 'notice danger', role: 'alert' },
    el('p', { class: 'notice-title', text: t('error.title') }),
    el('p', { text: error.message }),
    retry && el('button', { type: 'button', class: 'quiet', text: t('retry'), on: { click: retry } }),
  );
}

/** A calm note about something that isn't there. */
export function emptyNotice(text, ...more) {
  return el('div', { class: 'notice empty' }, el('p', { text }), ...more);
}

/** What stands where something is on its way. */
export function loadingNotice(text = t('loading')) {
  return el('p', { class: 'notice loading', role: 'status', text });
}

/** Has a screen reader say it; nothing is seen. */
export function announce(text) {
  document.getElementById('said').textContent = text;
}
