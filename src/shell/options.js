// Options: each is read once and checked by one table, which also has the defaults.

import { documentBase, join, resolve } from './origins.js';

/** @import { Settings } from './types.js' */

/**
 * A kind of option. `read` converts the given value; it returns undefined or throws if the value is wrong. A kind with
 * a `table` is an object of further options; with `orFunction`, a function may take its place.
 *
 * @typedef {{
 *   expected: string,
 *   read: (value: any) => unknown,
 *   table?: Table,
 *   orFunction?: boolean,
 * }} Kind
 */

/**
 * Kinds and defaults by name, in the order in which the options are read and complained about.
 *
 * @typedef {Record<string, [kind: Kind, byDefault?: unknown]>} Table
 */

/** The longest time in ms that a timer can wait. */
const LONGEST_WAIT = 2147483647;

/** @param {unknown} value */
export const isTime = (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_WAIT;

/** @type {(expected: string, is: (value: any) => unknown) => Kind} */
const kind = (expected, is) => ({ expected, read: (value) => (is(value) ? value : undefined) });

/** @param {...string} words */
const oneOf = (...words) => kind(`one of '${words.join("', '")}'`, (value) => words.includes(value));

const TEXT = kind('a string', (value) => typeof value === 'string');
const WORD = kind('a non-empty string', (value) => typeof value === 'string' && value);
const MILLIS = kind(`a number of milliseconds from 0 to ${LONGEST_WAIT}`, isTime);
const COUNT = kind('a whole number from 0 to 100', (value) => Number.isInteger(value) && value >= 0 && value <= 100);
const FLAG = kind('true or false', (value) => typeof value === 'boolean');
const FUNCTION = kind('a function', (value) => typeof value === 'function');
const STORAGE = kind(
  "'local', 'session', 'memory', or an object with the functions get, set and remove (`shared`, if given, is true or "
    + 'false, and `subscribe` a function)',
  (value) => ['local', 'session', 'memory'].includes(value)
    || typeof value === 'object' && ['get', 'set', 'remove'].every((method) => typeof value[method] === 'function')
    && ['boolean', 'undefined'].includes(typeof value.shared)
    && ['function', 'undefined'].includes(typeof value.subscribe),
);
const PAGE = kind('a URL with http: or https:, or a path', (value) => (
  // Without a page there is no base; any base will do to check a path.
  WORD.read(value) && /^(https?|file):/.test(new URL(value, documentBase() ?? 'http://localhost').href)
));
const HEADER_NAME = kind('the name of a header', (value) => {
  new Headers().set(value, 'x');
  return typeof value === 'string';
});

/** @type {Kind} */
const HEADERS = { expected: 'what `new Headers()` takes', read: (value) => new Headers(value) };
/** @type {Kind} */
const SECONDS = {
  expected: 'a number of seconds from 0 to 2147483',
  read: (value) => (typeof value === 'number' ? MILLIS.read(value * 1000) : undefined),
};
/** @type {Kind} */
const ORIGINS = {
  expected: "an array of origins such as 'https://api.example.com', without path or pattern",
  read: (value) => (Array.isArray(value) ? Array.from(value, originAlone) : undefined),
};
/** @type {Kind} */
const HOOKS = {
  ...kind('an object', () => true),
  table: { onRequest: [FUNCTION], onResponse: [FUNCTION] },
};
/** @type {Kind} */
const REFRESH = {
  ...kind('a function, or { tokenEndpoint, clientId, scope? }', (value) => (
    typeof value === 'function' || value.tokenEndpoint && value.clientId
  )),
  table: { tokenEndpoint: [PAGE], clientId: [WORD], scope: [WORD] },
  orFunction: true,
};

/** @type {Table} */
const OPTIONS = {
  session: [oneOf('token', 'cookie')],
  hooks: [HOOKS, {}],
  fetch: [FUNCTION],
  headers: [HEADERS],
  scheme: [TEXT, 'Bearer'],
  credentials: [oneOf('omit', 'same-origin', 'include')],
  baseURL: [PAGE],
  allowedOrigins: [ORIGINS, []],
  timeout: [MILLIS, 0],
  header: [HEADER_NAME, 'Authorization'],
  xsrfHeaderName: [HEADER_NAME, 'X-XSRF-TOKEN'],
  xsrfCookieName: [WORD],
  isUnauthorized: [FUNCTION],
  refreshURL: [PAGE, '/refresh-token'],
  refresh: [REFRESH],
  tokenCookie: [WORD],
  loginURL: [PAGE, '/login'],
  returnTo: [WORD],
  onSignedOut: [FUNCTION],
  refreshTimeout: [MILLIS, 10_000],
  refreshRetries: [COUNT, 2],
  retryDelay: [MILLIS, 300],
  maxRetryAfter: [MILLIS, 30_000],
  coolDown: [MILLIS, 1000],
  refreshAhead: [SECONDS, 30_000],
  lockTimeout: [MILLIS, 10_000],
  unauthorized: [oneOf('reject', 'return')],
  debug: [FLAG, false],
  autoRefresh: [FLAG, false],
  accessTokenKey: [WORD],
  refreshTokenKey: [WORD, 'refreshToken'],
  storage: [STORAGE, 'local'],
};

/**
 * Makes settings of the options. URLs are resolved here, once: a later `<base>` or navigation within the page must not
 * redirect the tokens.
 *
 * @param {unknown} given
 * @param {string} who begins each complaint: the function that was called, with a colon
 * @returns {Settings}
 */
export function readOptions(given, who) {
  const { session, unauthorized, ...options } = readTable(given, OPTIONS, who);
  const isCookieSession = session === 'cookie';
  const baseURL = options.baseURL && resolve(options.baseURL);
  /** @param {string} url */
  const joined = (url) => resolve(join(baseURL, url));
  if (options.refresh?.tokenEndpoint) options.refresh.tokenEndpoint = joined(options.refresh.tokenEndpoint);
  return /** @type {any} */ ({
    ...options,
    baseURL,
    refreshURL: joined(options.refreshURL),
    loginURL: resolve(options.loginURL),
    // A cookie session stores a mark under this key, which is not a token.
    accessTokenKey: options.accessTokenKey ?? (isCookieSession ? 'tokenflight' : 'accessToken'),
    isCookieSession,
    returnsUnauthorized: unauthorized === 'return',
  });
}

/**
 * Reads the `minValidity` of `getAccessToken`, in ms.
 *
 * @param {unknown} given
 * @returns {number}
 */
export function readMinValidity(given) {
  return readTable(given, { minValidity: [SECONDS, 0] }, 'getAccessToken: ').minValidity;
}

/**
 * Reads an object of options. A complaint names the option and the expected kind, never the given value, which may be a
 * token.
 *
 * @param {any} given
 * @param {Table} table
 * @param {string} who
 * @param {string} [whole] the option that the object is, if it is one
 * @returns {Record<string, any>}
 * @throws {TypeError} the first complaint: about unknown names, then in the order of the table
 */
function readTable(given = {}, table, who, whole) {
  const prefix = whole ? `${whole}.` : '';
  const itself = `${who}${whole ? `option \`${whole}\`` : 'the argument'} must be `;
  if (typeof given !== 'object' || !given) throw new TypeError(`${itself}an object.`);
  const known = Object.keys(table);
  for (const name of orComplain(() => Object.keys(given), `${itself}readable.`)) {
    if (known.includes(name)) continue;
    const hint = `did you mean \`${prefix}${nearest(name, known)}\`?`;
    throw new TypeError(`${who}unknown option \`${prefix}${name}\`; ${hint}`);
  }
  return Object.fromEntries(known.map((name) => {
    const [kind, byDefault] = table[name];
    const must = `${who}option \`${prefix}${name}\` must be `;
    const value = orComplain(() => [given[name]], `${must}readable.`)[0];
    if (value === undefined) return [name, byDefault];
    const nested = kind.orFunction && typeof value === 'function' ? undefined : kind.table;
    const read = nested ? readTable(value, nested, who, name) : value;
    return [name, orComplain(() => kind.read(read), `${must}${kind.expected}.`)];
  }));
}

/**
 * Returns the result of `read`.
 *
 * @template T
 * @param {() => T | undefined} read
 * @param {string} complaint thrown if `read` returns undefined, or if an object of the caller's throws
 */
function orComplain(read, complaint) {
  let result;
  try {
    result = read();
  } catch {
    // The error is dropped: its message may contain a token.
  }
  if (result === undefined) throw new TypeError(complaint);
  return result;
}

/**
 * Returns the origin that a text consists of.
 *
 * @param {unknown} text
 */
function originAlone(text) {
  const { origin } = new URL(/** @type {string} */ (text));
  // Some engines accept `*` in a host.
  if (origin === 'null' || text !== origin && text !== `${origin}/` || origin.includes('*')) throw new TypeError();
  return origin;
}

/**
 * Finds the known name with the fewest edits.
 *
 * @param {string} name
 * @param {string[]} known
 */
function nearest(name, known) {
  const distances = known.map((other) => distance(name.toLowerCase(), other.toLowerCase()));
  return known[distances.indexOf(Math.min(...distances))];
}

/**
 * Counts the edits (insert, delete, replace a letter) between two names (Levenshtein's distance).
 *
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = [...b, ''].map((_, index) => index);
  for (const letter of a) {
    const above = row;
    row = [above[0] + 1];
    for (let n = 0; n < b.length; n += 1) {
      row.push(Math.min(above[n] + (letter === b[n] ? 0 : 1), above[n + 1] + 1, row[n] + 1));
    }
  }
  return row[b.length];
}
