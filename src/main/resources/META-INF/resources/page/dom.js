/** Making elements. */

/**
 * An element. Properties: `class`, `text`, `on` (listeners by event), `data` (dataset); what is true or false becomes a
 * boolean attribute; all else is an attribute. Children that are null or false are left out.
 */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === 'class') {
      made.className = value;
    } else if (name === 'text') {
      made.textContent = value;
    } else if (name === 'on') {
      Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
    } else if (name === 'data') {
      Object.assign(made.dataset, value);
    } else {
      made.setAttribute(name, value === true ? '' : value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

let lastId = 0;

/** An id that no other element has. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** A labelled field: the label's text above the control, a hint below. */
export function field(label, control, hint) {
  control.id ||= freshId('field');
  const hintId = `${control.id}-hint`;
  if (hint) {
    control.setAttribute('aria-describedby', hintId);
  }
  return el(
    'div',
    { class: 'field' },
    el('label', { for: control.id, text: label }),
    control,
    hint && el('p', { class: 'hint', id: hintId, text: hint }),
  );
}

/** A bar that is filled up to a share from 0 to 1; what it means is said beside it in words. */
export function bar(share, kind = '') {
  const filled = el('span', { class: 'filled' });
  filled.style.inlineSize = `${Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10}%`;
  return el('span', { class: `bar ${kind}`.trim(), 'aria-hidden': 'true' }, filled);
}
