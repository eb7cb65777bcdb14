/** One question, one answer. */
import { AnswerView } from './answer.js';
import { answer, getJson } from './api.js';
import { el, field } from './dom.js';
import { announce, emptyNotice, errorNotice } from './notices.js';
import { methodSelect, questionForm } from './question.js';
import { t } from './texts.js';

/** Shows the view; returns what ends it. */
export function askView(main, { service }) {
  const results = el('div', { class: 'results' });
  const method = methodSelect(service);
  let running = null;

  async function ask(question) {
    running?.abort();
    const asked = new AbortController();
    running = asked;
    const view = new AnswerView(t('answer.title'));
    try {
      const request = { question, method: method.value, ...form.refinements() };
      form.setBusy(true);
      announce(t('ask.answering'));
      results.replaceChildren(view.element);
      view.finish(await answer(request, (text) => view.add(text), asked.signal));
      announce(t('ask.answered'));
    } catch (error) {
      if (asked.signal.aborted) {
        view.stop();
      } else if (view.element.isConnected) {
        view.fail(error);
      } else {
        results.replaceChildren(errorNotice(error));
      }
    } finally {
      if (running === asked) {
        form.setBusy(false);
      }
    }
  }

  const form = questionForm(service, field(t('ask.method'), method), ask, () => running?.abort());
  results.append(emptyNotice(t('ask.empty')));
  main.append(el('h1', { text: t('ask.title') }), form.element, results);
  form.focus();
  inviteDocuments(results);
  return () => running?.abort();
}

/** Where there is nothing to ask about, the way there is shown. */
async function inviteDocuments(results) {
  const first = await getJson('/documents?limit=1').catch(() => null);
  const empty = results.querySelector('.empty');
  if (empty && first && first.documents.length === 0 && first.next === null) {
    empty.replaceChildren(
      el('p', {}, `${t('ask.noDocuments')} `, el('a', { href: '#documents', text: t('ask.addDocuments') })),
    );
  }
}
