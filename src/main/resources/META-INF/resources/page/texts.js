/** The page's words in the reader's language. A language is a file below texts/ with the same keys. */
import en from './texts/en.js';
import zh from './texts/zh.js';

const LANGUAGES = { en, zh };
const CHOSEN = 'prag.language';

/** Languages there are: code and own name. */
export const languages = Object.entries(LANGUAGES).map(([code, texts]) => ({ code, name: texts['language.name'] }));

function remembered() {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

function preferred() {
  const wanted = [remembered(), ...navigator.languages].filter(Boolean).map((tag) => tag.toLowerCase().split('-')[0]);
  return wanted.find((code) => code in LANGUAGES) ?? 'en';
}

/** The code of the language in use. */
export const language = preferred();

/** The same with the reader's country, which decides how dates and numbers look. */
const locale = navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;

const texts = LANGUAGES[language];
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(locale);
const twoDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** Uses another language from now on; the page is loaded anew. */
export function chooseLanguage(code) {
  try {
    localStorage.setItem(CHOSEN, code);
  } catch {
    // Where nothing may be kept, the browser's languages decide again.
  }
  location.reload();
}

/** The text of a key, with `{name}` replaced by values; `count` chooses among plural forms. */
export function t(key, values = {}) {
  let text = texts[key] ?? en[key] ?? key;
  if (typeof text === 'object') {
    text = text[plurals.select(values.count)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name];
    return typeof value === 'number' ? numbers.format(value) : (value ?? all);
  });
}

/** Whether there is such a text. */
export function has(key) {
  return key in en;
}

export function number(value) {
  return numbers.format(value);
}

/** A number of which two digits are enough. */
export function rough(value) {
  return twoDigits.format(value);
}

/** Milliseconds as people say them. */
export function duration(milliseconds) {
  return milliseconds < 1000
    ? t('time.milliseconds', { n: twoDigits.format(milliseconds) })
    : seconds(milliseconds / 1000);
}

/** Seconds as people say them. */
export function seconds(value) {
  if (value < 60) {
    return t('time.seconds', { n: twoDigits.format(value) });
  }
  return value < 3600
    ? t('time.minutes', { n: Math.round(value / 60) })
    : t('time.hours', { n: twoDigits.format(value / 3600) });
}

/** An ISO time in the reader's zone. */
export function moment(iso) {
  return moments.format(new Date(iso));
}

/** Bytes as people say them. */
export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${twoDigits.format(scaled)} ${units[unit]}`;
}
