/** Who asks: what the service says of the caller, signing in and out. */
import { AskError, getJson } from './api.js';
import { el, field } from './dom.js';
import { forgetKey, hasKey, rememberKey } from './key.js';
import { errorNotice } from './notices.js';
import { t } from './texts.js';

/** Where the service has no logins, everybody may do everything. */
const EVERYBODY = { name: null, roles: ['ask', 'write', 'admin'], login: 'none', signIn: null, signOut: null };

/** Who the service takes the caller for. */
export async function whoAmI() {
  try {
    return caller(await getJson('/whoami'));
  } catch (error) {
    if (error.status === 404) {
      return caller(EVERYBODY);
    }
    if (error.status === 401) {
      return caller({ ...EVERYBODY, roles: [], login: 'key' });
    }
    throw error;
  }
}

function caller(said) {
  const roles = said.roles.map((role) => role.toLowerCase());
  return {
    ...said,
    mayAsk: ['ask', 'admin'].some((role) => roles.includes(role)),
    mayWrite: ['write', 'admin'].some((role) => roles.includes(role)),
    isKnown: roles.length > 0,
  };
}

/** What stands in the page's head: a name and the way out, or the way in. */
export function accountTools(who) {
  const tools = [];
  if (who.login !== 'none' && who.isKnown && who.name) {
    tools.push(el('span', { class: 'who', title: t('account.signedInAs', { name: who.name }), text: who.name }));
  }
  if (hasKey()) {
    tools.push(button('account.forgetKey', () => leave()));
  } else if (who.signOut) {
    tools.push(el('a', { href: who.signOut, text: t('account.signOut') }));
  } else if (!who.isKnown && who.signIn) {
    tools.push(el('a', { href: who.signIn, text: t('account.signIn') }));
  }
  return tools;
}

function button(key, click) {
  return el('button', { type: 'button', class: 'quiet small', text: t(key), on: { click } });
}

function leave() {
  forgetKey();
  location.reload();
}

/** Stands in the place of every page for those whom the service doesn't know; `onKnown` is called with who it is. */
export function signInView(main, who, onKnown) {
  const key = el('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  const failure = el('div');
  const form = el(
    'form',
    { class: 'key' },
    field(t('account.key'), key, t('account.keyHint')),
    el('div', { class: 'actions' }, el('button', { class: 'main', text: t('account.signIn') })),
    failure,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    rememberKey(key.value.trim());
    try {
      const known = await whoAmI();
      if (known.isKnown) {
        onKnown(known);
        return;
      }
      throw new AskError(t('account.keyRefused'), 401);
    } catch (error) {
      forgetKey();
      failure.replaceChildren(errorNotice(error));
      key.select();
    }
  });
  const lead = who.name === null ? t('account.neededText') : t('account.noRoles', { name: who.name });
  main.append(el('h1', { text: t('account.needed') }), el('p', { class: 'lead', text: lead }));
  if (who.signIn) {
    main.append(el('p', {}, el('a', { class: 'as-button', href: who.signIn, text: t('account.signIn') })));
  }
  main.append(form);
}
