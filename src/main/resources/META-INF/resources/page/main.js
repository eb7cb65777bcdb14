/** The page: waits for the service, finds out who asks, and shows the view that the address names. */
import { accountTools, signInView, whoAmI } from './account.js';
import { getJson, hasStarted, SIGNED_OUT } from './api.js';
import { askView } from './ask.js';
import { compareView } from './compare.js';
import { documentView } from './document.js';
import { documentsView } from './documents.js';
import { el } from './dom.js';
import { emptyNotice, errorNotice, loadingNotice } from './notices.js';
import { passageView } from './passage.js';
import { chooseLanguage, language, languages, t } from './texts.js';

/** Milliseconds between looks at a service that reads its model. */
const BETWEEN = 1000;

const VIEWS = {
  ask: { show: askView, title: 'nav.ask', tab: 'ask' },
  compare: { show: compareView, title: 'nav.compare', tab: 'compare' },
  documents: { show: documentsView, title: 'nav.documents', tab: 'documents' },
  'documents/': { show: documentView, title: 'nav.documents', tab: 'documents' },
  'passages/': { show: passageView, title: 'nav.documents', tab: 'documents' },
};

const main = document.getElementById('main');
let leave = () => {};
let shown = null;
/** What views are shown with: the service, the caller, and the tabs that are the caller's. Null before that is known. */
let context = null;

/** The view that the address names, and the id behind it. */
function place() {
  const [name, ...rest] = location.hash.slice(1).split('/');
  const key = rest.length > 0 ? `${name}/` : name || context.tabs[0];
  const view = VIEWS[key];
  return view && !context.tabs.includes(view.tab)
    ? { view: VIEWS[context.tabs[0]], id: null }
    : { view, id: rest.length > 0 ? decoded(rest.join('/')) : null };
}

/** What somebody typed may be encoded wrongly: then it is taken as it stands, and nothing is found. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function show() {
  if (context === null) {
    return;
  }
  empty();
  const { view, id } = place();
  document.querySelectorAll('#nav a').forEach((link) => {
    link.toggleAttribute('aria-current', link.dataset.tab === view?.tab);
    if (link.dataset.tab === view?.tab) {
      link.setAttribute('aria-current', 'page');
    }
  });
  if (!view) {
    main.append(el('h1', { text: t('error.title') }), emptyNotice(t('error.noSuchPage')));
    return;
  }
  document.title = t('page.title', { view: t(view.title) });
  leave = view.show(main, context, id) ?? leave;
  if (shown !== null && !main.contains(document.activeElement)) {
    // Whoever came from another view goes on at the beginning of this one.
    main.focus({ preventScroll: true });
  }
  shown = view;
  scrollTo(0, 0);
}

function empty() {
  leave();
  leave = () => {};
  main.replaceChildren();
}

function frame() {
  document.documentElement.lang = language;
  const skip = document.getElementById('skip');
  skip.textContent = t('skip');
  // The address names the view, and must go on doing so.
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  const nav = document.getElementById('nav');
  nav.setAttribute('aria-label', t('nav.pages'));
  nav.hidden = true;
  tools([]);
}

function tools(account) {
  const choice = el(
    'select',
    { 'aria-label': t('language.choose'), class: 'language' },
    languages.map(({ code, name }) => el('option', { value: code, lang: code, text: name })),
  );
  choice.value = language;
  choice.addEventListener('change', () => chooseLanguage(choice.value));
  document.getElementById('tools').replaceChildren(...account, choice);
}

async function opened() {
  if (await hasStarted()) {
    return;
  }
  main.replaceChildren(
    el('h1', { text: t('loading.title') }),
    el('p', { class: 'lead', text: t('loading.text') }),
    loadingNotice(),
  );
  do {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  } while (!(await hasStarted()));
}

async function enter(caller) {
  tools(accountTools(caller));
  const nav = document.getElementById('nav');
  if (!caller.isKnown) {
    context = null;
    nav.hidden = true;
    empty();
    signInView(main, caller, enter);
    return;
  }
  const service = inOrder(await getJson('/service'));
  document.getElementById('model').textContent = t('service.model', service);
  context = { service, caller, tabs: caller.mayAsk ? ['ask', 'compare', 'documents'] : ['documents'] };
  nav.hidden = false;
  nav.replaceChildren(
    ...context.tabs.map((tab) => el('a', { href: `#${tab}`, data: { tab }, text: t(`nav.${tab}`) })),
  );
  show();
}

/** What the service refused may have been one thing; whether it knows the caller is asked of itself. */
async function lookAgain() {
  const caller = await whoAmI().catch(() => null);
  if (context !== null && caller !== null && !caller.isKnown) {
    await enter(caller);
  }
}

/** From the model alone to all that it can be given; methods that this page knows nothing of come last. */
function inOrder(service) {
  const known = [
    'closed-book',
    'in-context',
    'parametric',
    'combined',
    'doc-augmented',
    'flare',
    'flare-sentence',
    'dragin',
    'ircot',
    'adaptive',
  ];
  const place = (method) => (known.includes(method) ? known.indexOf(method) : known.length);
  return { ...service, methods: service.methods.toSorted((a, b) => place(a) - place(b)) };
}

async function start() {
  try {
    await opened();
    await enter(await whoAmI());
  } catch (error) {
    main.replaceChildren(el('h1', { text: 'Parametric RAG' }), errorNotice(error, start));
  }
}

frame();
addEventListener('hashchange', show);
addEventListener(SIGNED_OUT, lookAgain);
start();
