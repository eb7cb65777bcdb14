/** How long each step of an answer took, as a line of parts with a legend in words. */
import { el } from './dom.js';
import { duration, t } from './texts.js';

/** Parts of the whole in their order, in milliseconds. */
function parts({ retrieve, compose, firstToken, generate, total }) {
  const known = { retrieve, compose, read: firstToken, write: generate - firstToken };
  const rest = total - retrieve - compose - generate;
  // What is left are microseconds between the steps, unless an answer waited for something.
  return Object.entries(rest > total / 50 ? { ...known, rest } : known).filter(([, took]) => took > 0);
}

/** @param timings of an answer, in milliseconds */
export function timeline(timings) {
  const steps = parts(timings);
  return el(
    'figure',
    { class: 'timeline' },
    el('figcaption', {}, el('span', { text: t('answer.time') }), el('strong', { text: duration(timings.total) })),
    el(
      'div',
      { class: 'line', 'aria-hidden': 'true' },
      steps.map(([step, took]) => {
        const part = el('span', { class: `part ${step}` });
        part.style.flexGrow = String(took / timings.total);
        return part;
      }),
    ),
    el(
      'ul',
      { class: 'legend' },
      steps.map(([step, took]) =>
        el('li', { class: step }, `${t(`timing.${step}`)} `, el('span', { class: 'took', text: duration(took) })),
      ),
    ),
  );
}
