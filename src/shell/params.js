// Writes objects as the query of a URL, or as a form, the way axios does.

/** The most levels that parameters may have. */
const DEEPEST = 64;

/**
 * Adds `params` to the query of `url`, and drops the fragment if there are any.
 *
 * @param {unknown} url
 * @param {any} params
 * @returns {unknown}
 */
export function withParams(url, params) {
  if (params === undefined || params === null) return url;
  const query = String(params instanceof URLSearchParams ? params : formOf(params));
  if (!query) return url;
  const own = Object(url).url;
  if (own !== undefined) return new Request(String(withParams(own, params)), /** @type {Request} */ (url));
  const [address] = String(url).split('#');
  return `${address}${address.includes('?') ? '&' : '?'}${query}`;
}

/**
 * Writes the members of an object as a form: nothing for null, `name[]` for each element of a list of plain values, and
 * `name[key]` or `name[index]` for anything deeper.
 *
 * @param {object} object
 */
export function formOf(object) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(object)) {
    if (Array.isArray(value) && value.every((element) => !isNested(element))) {
      for (const element of value) append(form, `${name.replace(/\[\]$/, '')}[]`, element, 0);
    } else append(form, name, value, 0);
  }
  return form;
}

/**
 * @param {URLSearchParams} form
 * @param {string} name
 * @param {any} value
 * @param {number} depth
 */
function append(form, name, value, depth) {
  if (depth > DEEPEST) {
    throw new TypeError('The parameters of a call are nested too deeply, or an object holds itself.');
  }
  if (value === undefined || value === null) return;
  if (isNested(value)) {
    for (const [key, member] of Object.entries(value)) append(form, `${name}[${key}]`, member, depth + 1);
  } else form.append(name, value instanceof Date ? value.toISOString() : String(value));
}

/** @param {unknown} value */
function isNested(value) {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
