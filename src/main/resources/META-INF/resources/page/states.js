/** The states of passages, in words and colours. */
import { el } from './dom.js';
import { number, t } from './texts.js';

/** In the order in which they are shown. */
export const STATES = ['READY', 'LEASED', 'PENDING', 'WITHHELD', 'FAILED'];

/** A state as a small label. */
export function stateChip(state, count) {
  const text = count === undefined ? t(`state.${state}`) : `${number(count)} ${t(`state.${state}`)}`;
  return el('span', { class: `chip state ${state.toLowerCase()}`, text });
}

/** The states of several passages: how many are in each. */
export function stateChips(states) {
  return el(
    'span',
    { class: 'chips' },
    STATES.filter((state) => states[state] > 0).map((state) => stateChip(state, states[state])),
  );
}

/** Whether an encoder still has something to do. */
export function isUnderWay(states) {
  return (states.PENDING ?? 0) + (states.LEASED ?? 0) > 0;
}
