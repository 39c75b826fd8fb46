// Sending one attempt of one request.

import { followed, withReason } from './abort.js';
import { report } from './console.js';
import { attachXsrf } from './cookie.js';
import { UnsupportedRuntimeError } from './errors.js';
import { documentBase, nativeRequest, Origins, urlOfRequest } from './origins.js';
import { usableToken } from './token.js';

/** @import { Outgoing, Settings } from './types.js' */

/** Marks a `fetch` of ours, of any copy of this module, with the platform's that is underneath. */
const UNDERNEATH = Symbol.for('tokenflight.fetch');

/**
 * The platform's `fetch` as it is now. One of ours may have taken its place: that one does not count.
 *
 * @returns {typeof fetch | undefined}
 */
function platformFetch() {
  const { fetch } = globalThis;
  return /** @type {any} */ (fetch)?.[UNDERNEATH] ?? fetch;
}

/** How requests are sent. */
export class Transport {
  #settings;
  /** The platform's `fetch` at creation. */
  #platform = platformFetch();
  #isCalling = false;
  /** The token that was signed with last, and what that gave: a token is asked for many times, and looked at once. */
  #signed = { token: '', value: /** @type {string | undefined} */ (undefined) };

  /**
   * @param {Settings} settings
   * @throws {UnsupportedRuntimeError} where there is no `fetch`
   */
  constructor(settings) {
    if (!settings.fetch && !this.#platform) {
      throw new UnsupportedRuntimeError('This runtime has no fetch; give createApi one as the option `fetch`.');
    }
    this.#settings = settings;
    this.origins = new Origins(settings);
    /** The `fetch` underneath. It needs no `this`. */
    this.fetch = settings.fetch ?? this.#callPlatform.bind(this);
  }

  /**
   * Marks a wrapper as ours, so that it is known where it has taken the place of the platform's `fetch`.
   *
   * @param {Function} wrapper
   */
  mark(wrapper) {
    Object.defineProperty(wrapper, UNDERNEATH, { value: this.#platform });
  }

  /**
   * Calls the `fetch` underneath. What it throws becomes a rejection.
   *
   * @param {any[]} args
   * @returns {Promise<Response>}
   */
  call(...args) {
    const { fetch } = this;
    try {
      return Promise.resolve(fetch(.../** @type {[any]} */ (args)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * A tool may have wrapped our wrapper, and call it now from within the `fetch` that we call: it leads to the
   * platform's then, and not round and round.
   *
   * @param {any[]} args
   */
  #callPlatform(...args) {
    const fetch = /** @type {Function} */ (this.#isCalling ? this.#platform : platformFetch());
    this.#isCalling = true;
    try {
      return fetch(...args);
    } finally {
      this.#isCalling = false;
    }
  }

  /**
   * Whether a request can be sent and judged at once: nobody has to be asked, and no time is set.
   *
   * @param {Outgoing} request
   */
  isPlain(request) {
    return !request.whole && !request.timeout && !this.#settings.isUnauthorized;
  }

  /**
   * Sends a plain request, before this returns.
   *
   * @param {Outgoing} request
   * @param {string | null} token
   */
  sendNow(request, token) {
    this.#sign(request, request.headers, token);
    return withReason(this.call(request.url, request.init), request.signal);
  }

  /**
   * Sends one attempt of any request, within its timeout.
   *
   * @param {Outgoing} request
   * @param {string | null} token
   */
  async send(request, token) {
    const { onRequest } = this.#settings.hooks;
    let whole = request.attempt();
    let isOurs = true;
    if (whole && onRequest) {
      const answer = await onRequest(whole);
      if (answer && urlOfRequest(answer) !== undefined) whole = nativeRequest(answer);
      // The hook may have led the request to another origin, and the token stays here.
      isOurs = this.origins.isAllowed(/** @type {string} */ (urlOfRequest(whole)));
    }
    if (isOurs) this.#sign(request, whole ? whole.headers : request.headers, token);
    if (!whole) return this.#sendWithin(request, request.url, request.init ?? {});
    // In Node, a signal no longer reaches the body when what is between it and a clone has been collected.
    const signal = documentBase() === undefined ? request.signal : undefined;
    if (!request.timeout && !request.init && !signal) return withReason(this.call(whole), request.signal);
    const { referrer, referrerPolicy } = whole;
    // With an init beside it, a `Request` would lose its referrer.
    return this.#sendWithin(request, whole, Object.assign(request.init ?? {}, { referrer, referrerPolicy, signal }));
  }

  /**
   * @param {Outgoing} request
   * @param {string | Request} input
   * @param {RequestInit} init
   * @returns {Promise<Response>}
   */
  #sendWithin({ timeout, signal }, input, init) {
    if (!timeout) return withReason(this.call(input, init), signal);
    const controller = new AbortController();
    init.signal = followed(controller, signal);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new DOMException('The request took longer than its timeout.', 'TimeoutError');
        reject(error);
        controller.abort(error);
      }, timeout);
      const settle = (/** @type {(value: any) => void} */ act) => (/** @type {unknown} */ value) => {
        clearTimeout(timer);
        act(value);
      };
      withReason(this.call(input, init), signal).then(settle(resolve), settle(reject));
    });
  }

  /**
   * Puts into the headers of an attempt what changes from one to the next.
   *
   * @param {Outgoing} request
   * @param {Headers | undefined} headers
   * @param {string | null} token
   */
  #sign(request, headers, token) {
    const { header, xsrfCookieName } = this.#settings;
    if (xsrfCookieName) {
      headers ??= request.addHeaders();
      attachXsrf(headers, this.#settings);
    }
    const value = request.isCallersOwn || !token ? undefined : this.#signatureOf(token);
    if (headers) {
      if (value) headers.set(header, value);
    } else if (request.init) {
      // For a single one an object does, which costs a fraction of `Headers`.
      request.init.headers = value ? { [header]: value } : undefined;
    }
  }

  /**
   * The value of the header that carries a token, if it can stand in one; if not, the 401 that follows gets a better
   * token. What stands for a token that is a cookie is not sent.
   *
   * @param {string} token
   */
  #signatureOf(token) {
    const { scheme, isCookieSession } = this.#settings;
    if (isCookieSession) return undefined;
    if (this.#signed.token !== token) {
      this.#signed = { token, value: usableToken(scheme ? `${scheme} ${token}` : token) };
    }
    return this.#signed.value;
  }

  /**
   * Whether a response says that the token is not accepted: not one of another origin, where a redirect or a hook has
   * led to.
   *
   * @param {Response} response
   * @returns {boolean | Promise<boolean>}
   */
  isUnauthorized(response) {
    const { isUnauthorized: rule, hooks } = this.#settings;
    if (!rule && response?.status !== 401) return false;
    const mayBeElsewhere = response?.redirected || hooks.onRequest;
    // A response that was made here has no URL.
    if (mayBeElsewhere && response?.url && !this.origins.isAllowed(response.url)) return false;
    return rule ? askRule(rule, response) : true;
  }

  /**
   * Shows the answer to the hook; the caller gets what that returns.
   *
   * @param {Promise<Response>} answer
   * @param {Outgoing} request
   * @returns {Promise<Response>}
   */
  show(answer, { whole }) {
    const { onResponse } = this.#settings.hooks;
    if (!onResponse || !whole) return answer;
    return answer.then(async (response) => {
      const other = await onResponse(response, whole);
      return typeof other === 'object' && other ? other : response;
    });
  }
}

/**
 * @param {(response: Response) => unknown} rule
 * @param {Response} response
 */
async function askRule(rule, response) {
  try {
    return Boolean(await rule(response));
  } catch (error) {
    report(error);
    return response?.status === 401;
  }
}
