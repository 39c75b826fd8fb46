// Where requests lead, and whether the token may go there.

/** @import { Settings, Target } from './types.js' */

/** The base of relative URLs in this page or worker; undefined where there is neither. */
export function documentBase() {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/**
 * `url` made absolute; as it is where that cannot be done.
 *
 * @param {string} url
 */
export function resolve(url) {
  try {
    return new URL(url, documentBase()).href;
  } catch {
    return url;
  }
}

/**
 * Joins a URL that is not absolute to `baseURL` as axios does: with exactly one slash between the two.
 *
 * @param {string | undefined} baseURL
 * @param {string} url
 */
export function join(baseURL, url) {
  if (!baseURL || /^([a-z][a-z\d+.-]*:)?\/\/|^(data|blob|about):/i.test(url)) return url;
  return url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL;
}

/**
 * The URL that will be requested where this is a `Request`: what the platform keeps inside, whatever a property of a
 * subclass says. The `Request` of another library is known by its shape.
 *
 * @param {any} input
 * @returns {string | undefined}
 */
export function urlOfRequest(input) {
  return ownURL(input) ?? (typeof input.clone === 'function' && typeof input.url === 'string' ? input.url : undefined);
}

/** @param {any} input */
function ownURL(input) {
  try {
    return Object.getOwnPropertyDescriptor(Request.prototype, 'url')?.get?.call(input);
  } catch {
    // It is none of the platform's.
    return undefined;
  }
}

/**
 * A `Request` of the platform's in place of one of another library, which `fetch` would take for a string.
 *
 * @param {Request} request
 * @returns {Request}
 */
export function nativeRequest(request) {
  return ownURL(request) === undefined ? new Request(request.url, request) : request;
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
 * An origin that can equal another one.
 *
 * @param {string | undefined} origin
 */
const transparent = (origin) => (origin === 'null' ? undefined : origin);

/**
 * Whether a URL is a path that can only mean the origin of its base: it starts with a slash, and neither with two nor
 * with anything that a URL parser strips or reads as a second one (WHATWG URL, "basic URL parser").
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

/** The origins that get the token, and the base of relative URLs. */
export class Origins {
  #baseURL;
  /** Of `baseURL`, whatever is joined to it. */
  #baseOrigin;
  #page;
  #hasOwnFetch;
  #refreshURL;
  /** @type {Set<string | undefined>} */
  #allowed;
  /** The base as it was seen last, and the origin of paths then. @type {string | undefined} */
  #lastBase;
  /** @type {string | undefined} */
  #lastOrigin;

  /** @param {Settings} settings */
  constructor({ baseURL, allowedOrigins, fetch, refreshURL, refresh }) {
    this.#baseURL = baseURL;
    this.#hasOwnFetch = fetch !== undefined;
    this.#refreshURL = typeof refresh === 'object' ? refresh.tokenEndpoint : refreshURL;
    this.#baseOrigin = baseURL && originOf(baseURL);
    // An `about:blank` frame has its creator's. That of a sandboxed page or a file is opaque: "null" equals nothing.
    this.#page = transparent(globalThis.origin ?? globalThis.location?.origin);
    this.#allowed = new Set([...allowedOrigins, this.#page, this.#baseOrigin]);
    this.#allowed.delete(undefined);
  }

  /**
   * Where `input`, the first argument of `fetch`, leads to. A relative URL is made absolute now, and never again: a
   * replay must not go where the page has gone meanwhile, nor where somebody has put a `<base>`.
   *
   * @param {unknown} input
   * @returns {Target}
   * @throws what `String(input)` throws, and a TypeError where a relative URL has no base
   */
  target(input) {
    const isURL = input instanceof URL;
    if (typeof input === 'object' && input && !isURL) {
      const url = urlOfRequest(input);
      if (url !== undefined) return this.#targetAt(url, this.#readable(/** @type {Request} */ (input)), originOf(url));
    }
    const text = `${input}`;
    const url = isURL ? text : join(this.#baseURL, text);
    // Whatever has been joined to it is of its origin.
    if (this.#baseOrigin && url !== text) return this.#targetAt(url, url, this.#baseOrigin);
    if (isPlainPath(url)) {
      const origin = this.#pathOrigin();
      if (origin) return this.#targetAt(origin + url, origin + url, origin);
    }
    const absolute = resolve(url);
    if (absolute === url && !/^[a-z][a-z\d+.-]*:/i.test(url)) {
      throw new TypeError('fetch: there is no page that a relative URL could be relative to; set an absolute `baseURL`.');
    }
    return this.#targetAt(absolute, absolute, originOf(absolute));
  }

  /**
   * A `fetch` of the caller's may well know the `Request` of its own library, the platform's does not.
   *
   * @param {Request} request
   */
  #readable(request) {
    return this.#hasOwnFetch ? request : nativeRequest(request);
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

  /** The origin of plain paths. A `<base>` can lead them elsewhere, at any time. */
  #pathOrigin() {
    const base = documentBase();
    if (base !== this.#lastBase) {
      this.#lastBase = base;
      this.#lastOrigin = originOf(resolve('/'));
    }
    return this.#lastOrigin;
  }

  /**
   * Whether the token may go to `url`.
   *
   * @param {string} url
   */
  isAllowed(url) {
    return this.#allowed.has(originOf(url));
  }
}
