/** Requests to the service. What it refuses comes as an AskError with the service's own words. */
import { ask, AskError, errorOf, readEvents } from '/prag-ask.js';
import { authorization } from './key.js';
import { t } from './texts.js';

export { AskError };

/** Sends a request and returns the response, which is a good one. */
export async function send(method, path, { body, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, signal, headers: { ...authorization(), ...headers } });
  } catch (error) {
    throw spoken(error);
  }
  if (!response.ok) {
    throw await errorOf(response);
  }
  return response;
}

/** The JSON at a path. */
export async function getJson(path, signal) {
  const response = await send('GET', path, { signal, headers: { Accept: 'application/json' } });
  return response.json();
}

/** Answers a question; `onToken` gets the text as it comes. */
export async function answer(question, onToken, signal) {
  try {
    return await ask('/answers', question, { headers: authorization(), signal, onToken });
  } catch (error) {
    throw spoken(error);
  }
}

/** The events of a path, until it ends or the signal is aborted. */
export async function* events(path, signal) {
  const response = await send('GET', path, { signal, headers: { Accept: 'text/event-stream' } });
  yield* readEvents(response);
}

/** Whether the model and the index are there. */
export async function hasStarted() {
  const response = await fetch('/q/health/started').catch(() => null);
  return response !== null && response.ok;
}

/** What the browser says of a lost connection is said in words for people; all else stays. */
function spoken(error) {
  const aborted = error.name === 'AbortError';
  return aborted || (error instanceof AskError && error.message)
    ? error
    : new AskError(t('error.unreachable'), error.status ?? 0);
}
