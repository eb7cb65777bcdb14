/** The API key that a person has typed: kept for this tab alone, and sent with every request. */
const KEPT = 'prag.key';

export function rememberKey(key) {
  sessionStorage.setItem(KEPT, key);
}

export function forgetKey() {
  sessionStorage.removeItem(KEPT);
}

export function hasKey() {
  return sessionStorage.getItem(KEPT) !== null;
}

/** The header that carries it, where there is one. */
export function authorization() {
  const key = sessionStorage.getItem(KEPT);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}
