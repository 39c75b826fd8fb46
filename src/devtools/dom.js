// Making elements. Text only ever becomes text nodes, so nothing needs to be escaped.

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {HTMLElement} */
export function make(tag, className = '', text = '') {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/** The base class of the elements. A server has no `HTMLElement`, and can import the modules all the same. */
export const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * Makes an element known to the page. Another copy of this module may have done so.
 *
 * @param {string} tag
 * @param {CustomElementConstructor} Class
 */
export function define(tag, Class) {
  if (!customElements.get(tag)) customElements.define(tag, Class);
}
