// Destinations of requests, and the origins that may get the token.

/** @import { Settings, Target } from './types.js' */

/** Returns the base of relative URLs in this page or worker; undefined if there is neither. */
export function documentBase() {
  const { document, location, origin } = globalThis;
  // An injected `<img name="baseURI">` takes the place of that property.
  const baseURI = document?.baseURI;
  const base = typeof baseURI === 'string' ? baseURI : location?.href;
  // A frame without a URL of its own has at least its creator's origin.
  return base?.startsWith('about:') && transparent(origin) || base;
}

/** Returns the own origin; undefined if it is opaque, or there is no page. An `about:blank` frame has that of its creator. */
const pageOrigin = () => transparent(globalThis.origin ?? globalThis.location?.origin);

/**
 * Returns the base of the options' URLs, to which tokens go. A `<base>` of another origin is not followed: somebody who
 * can insert that into a page, but no script, would get them.
 */
export function ownBase() {
  const base = documentBase();
  const own = pageOrigin();
  return own && originOf(`${base}`) !== own ? own : base;
}

/**
 * Makes a URL absolute; returns it unchanged if there is no base.
 *
 * @param {string} url
 * @param {string | undefined} [base]
 */
export function resolve(url, base = documentBase()) {
  try {
    return new URL(url, base).href;
  } catch {
    return url;
  }
}

/**
 * Makes a URL absolute.
 *
 * @param {string} url
 * @throws {TypeError} for a relative URL without a base
 */
export function absolute(url) {
  const result = resolve(url);
  if (result === url && !/^[a-z][a-z\d+.-]*:/i.test(url)) {
    throw new TypeError('A relative URL needs a page, which is not there, or an absolute `baseURL`.');
  }
  return result;
}

/**
 * Joins a URL that is not absolute to `baseURL`, as axios does: with exactly one slash between them.
 *
 * @param {string | undefined} baseURL
 * @param {string} url
 */
export function join(baseURL, url) {
  if (!baseURL || /^([a-z][a-z\d+.-]*:)?\/\/|^(data|blob|about):/i.test(url)) return url;
  return url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL;
}

/**
 * Returns the URL of a `Request`: the internal one that will be sent, even if a subclass or a property says another.
 * The `Request` of another library is recognised by its shape.
 *
 * @param {any} input
 * @returns {string | undefined}
 */
export function urlOfRequest(input) {
  const own = ownURL(input);
  if (own !== undefined || typeof input.clone !== 'function') return own;
  const { url } = input;
  return typeof url === 'string' ? url : undefined;
}

/** @param {any} input */
function ownURL(input) {
  try {
    return Object.getOwnPropertyDescriptor(Request.prototype, 'url')?.get?.call(input);
  } catch {
    // It is not a Request of the platform's.
    return undefined;
  }
}

/**
 * Converts the `Request` of another library, which `fetch` would take for a string, to one of the platform's.
 *
 * @param {Request} request
 * @param {string} url as it was judged: another reading may give another one
 * @returns {Request}
 */
export function nativeRequest(request, url) {
  return ownURL(request) === undefined ? new Request(url, request) : request;
}

/**
 * @param {string} url
 * @returns {string | undefined}
 */
function originOf(url) {
  try {
    return transparent(new URL(url, documentBase()).origin);
  } catch {
    return undefined;
  }
}

/**
 * Drops an opaque origin, which equals no other.
 *
 * @param {string | undefined} origin
 */
const transparent = (origin) => (origin === 'null' ? undefined : origin);

/**
 * Tells a path that always keeps the origin of its base: it starts with one slash, which is followed neither by another
 * slash nor by a character that a URL parser strips or reads as one (WHATWG URL, "basic URL parser").
 *
 * @param {string} url
 */
function isPlainPath(url) {
  const second = url.charCodeAt(1);
  return url.charCodeAt(0) === SLASH && second !== SLASH && second !== BACKSLASH && !(second <= SPACE);
}

const SLASH = 47;
const BACKSLASH = 92;
const SPACE = 32;

function basesOfPage() {
  try {
    return globalThis.document?.getElementsByTagNameNS('*', 'base');
  } catch {
    // Imitations of a page lack it, or throw (happy-dom 21): nothing is remembered there.
    return undefined;
  }
}

/** The origins that get the token. */
export class Origins {
  #baseURL;
  /** The origin of `baseURL`, and of every URL that is joined to it. */
  #baseOrigin;
  #page;
  #hasOwnFetch;
  #refreshURL;
  /** @type {Set<string | undefined>} */
  #allowed;
  /** The `<base>` elements of the page, which change by themselves. */
  #bases = basesOfPage();
  /** True if there was none when `#lastOrigin` was computed. @type {boolean | undefined} */
  #wasBare;
  /** The base that `#lastOrigin` was computed for. @type {string | undefined} */
  #lastBase;
  /** @type {string | undefined} */
  #lastOrigin;

  /** @param {Settings} settings */
  constructor({ baseURL, allowedOrigins, fetch, refreshURL, refresh }) {
    this.#baseURL = baseURL;
    this.#hasOwnFetch = fetch !== undefined;
    this.#refreshURL = typeof refresh === 'object' ? refresh.tokenEndpoint : refreshURL;
    this.#baseOrigin = baseURL && originOf(baseURL);
    this.#page = pageOrigin();
    this.#allowed = new Set([...allowedOrigins, this.#page, this.#baseOrigin]);
    this.#allowed.delete(undefined);
  }

  /**
   * Reads the first argument of `fetch`. A relative URL is made absolute now, and never again: a replay must not follow
   * a navigation within the page, nor a `<base>` that was added meanwhile.
   *
   * @param {unknown} input
   * @returns {Target}
   * @throws the error of `String(input)`, and a TypeError for a relative URL without a base
   */
  target(input) {
    const isURL = input instanceof URL;
    if (typeof input === 'object' && input && !isURL) {
      const url = urlOfRequest(input);
      const request = /** @type {Request} */ (input);
      // A `fetch` of the caller's may belong to the same library as the Request.
      if (url !== undefined) {
        return this.#targetAt(url, this.#hasOwnFetch ? request : nativeRequest(request, url), originOf(url));
      }
    }
    const text = `${input}`;
    const url = isURL ? text : join(this.#baseURL, text);
    if (this.#baseOrigin && url !== text) return this.#targetAt(url, url, this.#baseOrigin);
    if (isPlainPath(url)) {
      const origin = this.#pathOrigin();
      if (origin) return this.#targetAt(origin + url, origin + url, origin);
    }
    const whole = absolute(url);
    return this.#targetAt(whole, whole, originOf(whole));
  }

  /**
   * @param {string} url
   * @param {string | Request} input
   * @param {string | undefined} origin
   */
  #targetAt(url, input, origin) {
    return {
      input,
      url,
      isOurs: this.#allowed.has(origin),
      isOwn: origin !== undefined && origin === this.#page,
      isRefresh: url.startsWith(this.#refreshURL) && /^([?#]|$)/.test(url.slice(this.#refreshURL.length)),
    };
  }

  /** Returns the origin of plain paths. A `<base>` can change it at any time; without one it stays as it is. */
  #pathOrigin() {
    const isBare = this.#bases?.length === 0;
    // Reading the base takes longer than the rest of this file.
    if (isBare && this.#wasBare) return this.#lastOrigin;
    this.#wasBare = isBare;
    const base = documentBase();
    if (base !== this.#lastBase) {
      this.#lastBase = base;
      this.#lastOrigin = originOf(resolve('/'));
    }
    return this.#lastOrigin;
  }

  /**
   * Tells if the token may go to `url`.
   *
   * @param {string} url
   */
  isAllowed(url) {
    return this.#allowed.has(originOf(url));
  }
}
