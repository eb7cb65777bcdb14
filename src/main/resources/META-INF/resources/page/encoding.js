/** How far encoding is, as it goes on. */
import { events } from './api.js';
import { bar, el } from './dom.js';
import { pause } from './pause.js';
import { number, rough, seconds, t } from './texts.js';

/** Milliseconds until a lost connection is tried again. */
const AGAIN = 3000;

/** The panel. `follow` fills it until the signal is aborted. */
export class EncodingPanel {
  element = el('section', { class: 'encoding', 'aria-label': t('encoding.title'), hidden: true });

  /**
   * Follows the progress until the signal is aborted; `onChange` is called whenever passages have come to another
   * state.
   * Resolves earlier for those who may not see the progress of all documents.
   */
  async follow(signal, onChange) {
    while (!signal.aborted) {
      try {
        for await (const event of events('/encoding', signal)) {
          if (event.name === 'progress') {
            this.#show(event.data);
            onChange();
          }
        }
      } catch (error) {
        if (error.status === 403) {
          this.element.hidden = true;
          return;
        }
      }
      await pause(AGAIN, signal);
    }
  }

  #show(progress) {
    const waiting = progress.waiting + progress.leased;
    const settled = progress.ready + progress.withheld + progress.failed;
    const all = waiting + settled;
    this.element.hidden = all === 0;
    this.element.classList.toggle('done', waiting === 0);
    const said = [
      progress.leased > 0 && t('encoding.leased', { count: progress.leased }),
      progress.waiting > 0 && t('encoding.waiting', { count: progress.waiting }),
      progress.withheld > 0 && t('encoding.withheld', { count: progress.withheld }),
      progress.failed > 0 && t('encoding.failed', { count: progress.failed }),
      waiting > 0 && progress.tokensPerSecond > 0 && t('encoding.speed', { n: rough(progress.tokensPerSecond) }),
      waiting > 0 && progress.secondsLeft > 0 && t('encoding.left', { time: seconds(progress.secondsLeft) }),
    ].filter(Boolean);
    const title =
      progress.ready === all
        ? t('encoding.done')
        : t('encoding.progress', { done: number(progress.ready), all: number(all) });
    this.element.replaceChildren(
      el('p', { class: 'encoding-title', text: title }),
      bar(all === 0 ? 0 : progress.ready / all, 'wide'),
      el('p', { class: 'hint', text: said.join(' · ') }),
    );
  }
}
