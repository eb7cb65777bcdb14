/** Requests to the service. What it refuses comes as an AskError with the service's own words. */
import { ask, AskError, errorOf, readEvents } from '/prag-ask.js';
import { authorization } from './key.js';
import { t } from './texts.js';

export { AskError };

/** Fired at the window when the service no longer knows the caller: a session or a key has run out. */
export const SIGNED_OUT = 'signed-out';
/** Where callers that aren't known are told so, and nothing is refused. */
const WHO = '/whoami';

/** Sends a request and returns the response, which is a good one. */
export async function send(method, path, { body, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, signal, headers: { ...authorization(), ...headers } });
  } catch (error) {
    throw spoken(error);
  }
  if (!response.ok) {
    throw told(await errorOf(response), path);
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
    throw told(spoken(error), '/answers');
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

function told(error, path) {
  if (error.status === 401 && path !== WHO) {
    dispatchEvent(new Event(SIGNED_OUT));
  }
  return error;
}

/** What the browser says of a lost connection is said in words for people; all else stays. */
function spoken(error) {
  const aborted = error.name === 'AbortError';
  return aborted || (error instanceof AskError && error.message)
    ? error
    : new AskError(t('error.unreachable'), error.status ?? 0);
}
