/** One question answered by several methods, side by side. */
import { AnswerView, methodName } from './answer.js';
import { answer } from './api.js';
import { el } from './dom.js';
import { announce, emptyNotice, errorNotice } from './notices.js';
import { described, questionForm } from './question.js';
import { t } from './texts.js';

const FEWEST = 2;
const MOST = 4;

/** Shows the view; returns what ends it. */
export function compareView(main, { service }) {
  const results = el('div', { class: 'results' }, emptyNotice(t('compare.empty')));
  const boxes = service.methods.map((method) =>
    el('input', { type: 'checkbox', value: method, checked: isUsual(method, service.methods) }),
  );
  const choice = el(
    'fieldset',
    {},
    el('legend', { text: t('compare.methods') }),
    el(
      'div',
      { class: 'boxes' },
      boxes.map((box) => el('label', { class: 'box' }, box, el('span', { text: described(box.value) }))),
    ),
    el('p', { class: 'hint', text: t('compare.few') }),
  );
  let running = null;

  async function ask(question) {
    const methods = boxes.filter((box) => box.checked).map((box) => box.value);
    running?.abort();
    const asked = new AbortController();
    running = asked;
    try {
      if (methods.length < FEWEST || methods.length > MOST) {
        throw new Error(t('compare.few'));
      }
      const refinements = form.refinements();
      form.setBusy(true);
      announce(t('ask.answering'));
      const views = methods.map((method) => new AnswerView(methodName(method)));
      results.replaceChildren(el('div', { class: `columns of-${methods.length}` }, views.map((view) => view.element)));
      // All at once: the service answers them in one batch.
      await Promise.all(
        methods.map((method, i) => fill(views[i], { question, method, ...refinements }, asked.signal)),
      );
      announce(t('ask.answered'));
    } catch (error) {
      results.replaceChildren(errorNotice(error));
    } finally {
      if (running === asked) {
        form.setBusy(false);
      }
    }
  }

  const form = questionForm(service, choice, ask, () => running?.abort());
  main.append(el('h1', { text: t('compare.title') }), el('p', { class: 'lead', text: t('compare.text') }));
  main.append(form.element, results);
  form.focus();
  return () => running?.abort();
}

async function fill(view, request, signal) {
  try {
    view.finish(await answer(request, (text) => view.add(text), signal));
  } catch (error) {
    if (signal.aborted) {
      view.stop();
    } else {
      view.fail(error);
    }
  }
}

/** Knowledge from nowhere, from the prompt and from the weights. */
function isUsual(method, methods) {
  const usual = ['closed-book', 'in-context', 'parametric'].filter((name) => methods.includes(name));
  return usual.length >= FEWEST ? usual.includes(method) : methods.indexOf(method) < FEWEST;
}
