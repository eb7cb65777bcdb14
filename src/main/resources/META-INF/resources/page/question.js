/** The form that a question is asked with, and the choices that go with it. */
import { el, field } from './dom.js';
import { AskError } from './api.js';
import { methodName } from './answer.js';
import { t } from './texts.js';

/** What was typed last, so that it is there again when one comes back from another page. */
const kept = { question: '' };

/**
 * The form.
 *
 * @param service as `GET /service` says
 * @param choices elements with further choices, above those that every question has
 * @param onAsk is called with the question's text
 * @param onStop is called where an answer is to be stopped
 */
export function questionForm(service, choices, onAsk, onStop) {
  const text = el('textarea', { rows: '2', required: true, maxlength: '20000' });
  text.value = kept.question;
  const topK = el('input', { type: 'number', min: '1', max: '100', inputmode: 'numeric' });
  const filter = el('input', { type: 'text', spellcheck: 'false', autocomplete: 'off' });
  const button = el('button', { class: 'main', text: t('ask.ask') });
  let busy = false;
  const form = el(
    'form',
    { class: 'question' },
    field(t('ask.question'), text, t('ask.hint')),
    el('div', { class: 'row' }, choices, button),
    el(
      'details',
      { class: 'choices' },
      el('summary', { text: t('ask.choices') }),
      el(
        'div',
        { class: 'fields' },
        field(t('ask.topK'), topK, t('ask.topKHint', { n: service.defaultTopK })),
        field(t('ask.filter'), filter, t('ask.filterHint')),
      ),
    ),
  );
  text.addEventListener('input', () => {
    kept.question = text.value;
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!busy) {
        form.requestSubmit();
      }
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) {
      onStop();
    } else if (text.value.trim() !== '') {
      onAsk(text.value.trim());
    }
  });
  return {
    element: form,
    focus: () => text.focus(),
    /** Whether an answer is on its way: the button then stops it. */
    setBusy(now) {
      busy = now;
      button.textContent = now ? t('ask.stop') : t('ask.ask');
      button.classList.toggle('main', !now);
    },
    /** The fields of a question that were filled in. Throws an AskError that names one that is wrong. */
    refinements() {
      return { ...wholeNumber(topK), ...object(filter) };
    },
  };
}

function wholeNumber(input) {
  if (!input.validity.valid) {
    throw new AskError(t('error.choice', { field: t('ask.topK'), reason: t('ask.topKWrong') }), 0);
  }
  return input.value === '' ? {} : { topK: Number(input.value) };
}

function object(input) {
  if (input.value.trim() === '') {
    return {};
  }
  let filter = null;
  try {
    filter = JSON.parse(input.value);
  } catch {
    // Said below, in the same words as for other JSON that is no object.
  }
  if (filter === null || typeof filter !== 'object' || Array.isArray(filter)) {
    throw new AskError(t('error.choice', { field: t('ask.filter'), reason: t('ask.filterWrong') }), 0);
  }
  return { filter };
}

/** A choice of one method. */
export function methodSelect(service) {
  const select = el(
    'select',
    {},
    service.methods.map((method) => el('option', { value: method, text: described(method) })),
  );
  select.value = service.defaultMethod;
  return select;
}

/** A method's name and what it does. */
export function described(method) {
  const text = t(`method.${method}.text`);
  return text === `method.${method}.text` ? methodName(method) : `${methodName(method)}: ${text}`;
}
