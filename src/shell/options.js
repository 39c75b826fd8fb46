// Options: each is read once and checked by one table, which also has the defaults.

import { join, ownBase, resolve } from './origins.js';

/** @import { Settings } from './types.js' */

/**
 * A kind of option. `read` converts the given value; it returns undefined or throws if the value is wrong. Where there
 * is a table, an object is read by that first.
 *
 * @typedef {[expected: string, read: (value: any) => unknown, table?: Table | undefined]} Kind
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

/** @type {(expected: string, is: (value: any) => unknown, table?: Table) => Kind} */
const kind = (expected, is, table) => [expected, (value) => (is(value) ? value : undefined), table];

/** @type {(type: string, expected?: string, is?: (value: any) => unknown) => Kind} */
const typed = (type, expected = `a ${type}`, is = () => true) => kind(expected, (value) => typeof value === type && is(value));

/** @param {...string} words */
const oneOf = (...words) => kind(`one of '${words.join("', '")}'`, (value) => words.includes(value));

const WORD = typed('string', 'a non-empty string', Boolean);
const MILLIS = kind(`a number of milliseconds from 0 to ${LONGEST_WAIT}`, isTime);
const COUNT = kind('a whole number from 0 to 100', (value) => Number.isInteger(value) && value >= 0 && value <= 100);
const FLAG = typed('boolean', 'true or false');
const FUNCTION = typed('function');
const STORAGE = kind(
  "'local', 'session', 'memory', or an object with the functions get, set and remove (`shared`, if given, is true or "
    + 'false, and `subscribe` a function)',
  (value) => ['local', 'session', 'memory'].includes(value)
    || typeof value === 'object' && ['get', 'set', 'remove'].every((method) => typeof value[method] === 'function')
    && ['boolean', 'undefined'].includes(typeof value.shared)
    && ['function', 'undefined'].includes(typeof value.subscribe),
);
// Any base will do to check a path.
const PAGE = typed('string', 'a URL with http: or https:, or a path', (value) => (
  value && /^(https?|file):/.test(new URL(value, 'http://localhost').href)
));
const HEADER_NAME = typed('string', 'the name of a header', (value) => new Headers([[value, '']]));
const SCHEME = typed('string', 'a string that can stand in a header', (value) => !/[^\t -~\x80-\xff]/.test(value));

/** @type {Kind} */
const HEADERS = ['what `new Headers()` takes', (value) => new Headers(value)];
/** @type {Kind} */
const SECONDS = [
  'a number of seconds from 0 to 2147483',
  (value) => (typeof value === 'number' ? MILLIS[1](value * 1000) : undefined),
];
/** @type {Kind} */
const ORIGINS = [
  "an array of origins such as 'https://api.example.com', without path or pattern",
  (value) => (Array.isArray(value) ? Array.from(value, originAlone) : undefined),
];
const HOOKS = kind('an object', (value) => typeof value === 'object', { onRequest: [FUNCTION], onResponse: [FUNCTION] });
const TOKEN_NAMES = kind('an object', (value) => typeof value === 'object', {
  accessToken: [WORD], refreshToken: [WORD], expiresIn: [WORD],
});
const REFRESH = kind(
  'a function, or { tokenEndpoint, clientId, scope?, revocationEndpoint? }',
  (value) => typeof value === 'function' || value.tokenEndpoint && value.clientId,
  { tokenEndpoint: [PAGE], clientId: [WORD], scope: [WORD], revocationEndpoint: [PAGE] },
);

/** @type {Table} */
const OPTIONS = {
  session: [oneOf('token', 'cookie')],
  hooks: [HOOKS, {}],
  fetch: [FUNCTION],
  headers: [HEADERS],
  scheme: [SCHEME, 'Bearer'],
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
  tokenNames: [TOKEN_NAMES, {}],
  signOutURL: [PAGE],
  loginURL: [PAGE, '/login'],
  returnTo: [WORD],
  onSignedOut: [FUNCTION],
  refreshTimeout: [MILLIS, 10_000],
  refreshRetries: [COUNT, 2],
  retryDelay: [MILLIS, 300],
  maxRetryAfter: [MILLIS, 30_000],
  coolDown: [MILLIS, 1000],
  refreshAhead: [SECONDS, 30_000],
  lockTimeout: [MILLIS],
  unauthorized: [oneOf('reject', 'return')],
  debug: [FLAG, false],
  autoRefresh: [FLAG, false],
  accessTokenKey: [WORD],
  refreshTokenKey: [WORD, 'refreshToken'],
  storage: [STORAGE, 'local'],
};

/**
 * Names that options have in other libraries, in small letters.
 *
 * @type {Record<string, RegExp>}
 */
const ALSO_CALLED = {
  hooks: /interceptor|^(on|before|after)(request|response)/,
  accessTokenKey: /^(auth)?token(key|name)/,
  refreshURL: /^refresh.*(endpoint|path|uri)/,
  loginURL: /^(log|sign)in(url|path|page|route)/,
  signOutURL: /^(log|sign)out(url|path|endpoint)/,
  onSignedOut: /^on.*(out|expired|unauthorized)/,
  scheme: /^token(type|prefix)/,
  credentials: /^withcredentials/,
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
  const { refresh, refreshTimeout, lockTimeout = Math.max(10_000, refreshTimeout) } = options;
  // Otherwise another tab would overtake a slow refresh.
  if (lockTimeout < refreshTimeout) throw new TypeError(`${who}option \`lockTimeout\` must be \`refreshTimeout\` or more.`);
  const isCookieSession = session === 'cookie';
  const base = ownBase();
  const baseURL = options.baseURL && resolve(options.baseURL, base);
  /** @param {Record<string, any>} owner @param {string[]} names */
  const resolveIn = (owner, ...names) => {
    for (const name of names) if (owner[name]) owner[name] = resolve(join(baseURL, owner[name]), base);
  };
  resolveIn(options, 'refreshURL', 'signOutURL');
  // A function may be a hostile object: it is only called.
  const oauth = typeof refresh === 'object' ? refresh : {};
  resolveIn(oauth, 'tokenEndpoint', 'revocationEndpoint');
  return /** @type {any} */ ({
    ...options,
    baseURL,
    lockTimeout,
    loginURL: resolve(options.loginURL, base),
    // A cookie session stores a mark under this key, which is not a token.
    accessTokenKey: options.accessTokenKey ?? (isCookieSession ? 'tokenflight' : 'accessToken'),
    isCookieSession,
    returnsUnauthorized: unauthorized === 'return',
    tellsSignOut: Boolean(options.signOutURL || oauth.revocationEndpoint),
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
  requireKnown(orComplain(() => Object.keys(given), `${itself}readable.`), known, `${who}unknown option`, prefix);
  return Object.fromEntries(known.map((name) => {
    const [[expected, read, nested], byDefault] = table[name];
    const must = `${who}option \`${prefix}${name}\` must be `;
    const [value] = orComplain(() => [given[name]], `${must}readable.`);
    if (value === undefined) return [name, byDefault];
    const whole = nested && typeof value !== 'function' ? readTable(value, nested, who, name) : value;
    return [name, orComplain(() => read(whole), `${must}${expected}.`)];
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
 * Complains of the first name that is not known, and suggests the one that is meant.
 *
 * @param {string[]} names
 * @param {string[]} known
 * @param {string} complaint
 * @param {string} [prefix] of each name
 * @throws {TypeError}
 */
export function requireKnown(names, known, complaint, prefix = '') {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  throw new TypeError(`${complaint} \`${prefix}${unknown}\`${meant ? `; did you mean \`${prefix}${meant}\`?` : '.'}`);
}

/**
 * Returns the known name that is meant by one that is not known; undefined if none is near.
 *
 * @param {string} name
 * @param {string[]} known
 */
function nearest(name, known) {
  const given = name.toLowerCase();
  /** @param {number} edits */
  const within = (edits) => known.find((other) => isNear(given, other.toLowerCase(), Math.min(edits, given.length / 3)));
  return within(1) ?? known.find((other) => ALSO_CALLED[other]?.test(given)) ?? within(2) ?? within(3);
}

/**
 * Tells if `a` becomes `b` by so many edits at most: a letter is inserted, deleted or replaced.
 *
 * @param {string} a
 * @param {string} b
 * @param {number} edits
 * @returns {boolean}
 */
function isNear(a, b, edits) {
  if (a === b) return true;
  const [afterA, afterB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isNear(afterA, afterB, edits);
  const left = edits - 1;
  return left >= 0 && (isNear(afterA, b, left) || isNear(a, afterB, left) || isNear(afterA, afterB, left));
}
