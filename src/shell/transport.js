// Sends one attempt of a request.

import { followed, withReason } from './abort.js';
import { report } from './console.js';
import { within } from './clock.js';
import { attachXsrf } from './cookie.js';
import { UnsupportedRuntimeError } from './errors.js';
import { documentBase, nativeRequest, Origins, urlOfRequest } from './origins.js';
import { INIT_MEMBERS, membersOf } from './request.js';
import { usableToken } from './token.js';
import { platformFetch, UNDERNEATH } from './underneath.js';

/** @import { Judgement, Outgoing, Settings } from './types.js' */

/**
 * The URLs that are on their way through a `fetch` that somebody has put in the place of the platform's. It may stand
 * around a wrapper of ours, and call that later.
 *
 * @type {string[]}
 */
const passing = [];

/** More than this, and it is a request that comes back again and again. */
const MOST_ALIKE = 100;

const NOTHING_SIGNED = { token: '', value: /** @type {string | undefined} */ (undefined) };

/** Sends requests with the `fetch` of one client. */
export class Transport {
  #settings;
  /** The platform's `fetch` at creation. */
  #platform = platformFetch();
  #isCalling = false;
  /** The last token and its header value, which is computed once per token. */
  #signed = NOTHING_SIGNED;

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
    /** The `fetch` underneath, which needs no `this`. */
    this.fetch = settings.fetch ?? this.#callPlatform.bind(this);
  }

  /**
   * Marks a wrapper as ours, so that it is recognised in the place of the platform's `fetch`.
   *
   * @param {Function} wrapper
   */
  mark(wrapper) {
    Object.defineProperty(wrapper, UNDERNEATH, { value: this.#platform });
  }

  /**
   * Calls the `fetch` underneath. An exception becomes a rejection.
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
   * Calls the platform's `fetch`. A tool may have wrapped our wrapper and call it, within this call or later; then the
   * original one is called, to end the recursion.
   *
   * @param {any[]} args
   */
  #callPlatform(...args) {
    const platform = /** @type {Function} */ (this.#platform);
    const fetch = /** @type {Function} */ (platformFetch());
    if (fetch === platform || this.#isCalling) return platform(...args);
    const url = String(args[0]?.url ?? args[0]);
    if (passing.filter((other) => other === url).length > MOST_ALIKE) return platform(...args);
    passing.push(url);
    this.#isCalling = true;
    const leave = () => { passing.splice(passing.indexOf(url), 1); };
    const answer = new Promise((resolve) => { resolve(fetch(...args)); });
    this.#isCalling = false;
    answer.then(leave, leave);
    return answer;
  }

  /**
   * Sends a request that comes back to us from a tool which stands around our wrapper: all has been done for it.
   * Returns undefined for any other.
   *
   * @param {Outgoing} request
   */
  passOn({ url, whole, init, headers, isCallersOwn, isRefresh }) {
    if (!passing.includes(url)) return undefined;
    const isSigned = isCallersOwn && headers?.get(this.#settings.header) === this.#signed.value;
    return isSigned || isRefresh ? /** @type {Function} */ (this.#platform)(whole ?? url, init) : undefined;
  }

  /**
   * Tells if a request can be sent and judged at once: no hook, no rule and no timer is involved.
   *
   * @param {Outgoing} request
   */
  isPlain(request) {
    return !request.whole && !request.timeout && !this.#settings.isUnauthorized;
  }

  /**
   * Sends a request that is neither a `Request` nor has a timeout, before this returns.
   *
   * @param {Outgoing} request
   * @param {string | null} token
   */
  sendNow(request, token) {
    try {
      this.#sign(request, request.headers, token);
    } catch (error) {
      return Promise.reject(error);
    }
    return withReason(this.call(request.url, request.init), request.signal);
  }

  /**
   * Sends one attempt of any request, within its timeout.
   *
   * @param {Outgoing} request
   * @param {string | null} token
   * @returns {Promise<Response>}
   */
  send(request, token) {
    // An `async` function costs three turns of the microtask queue, and in a storm everybody is here at once.
    return request.whole || request.timeout ? this.#sendAny(request, token) : this.sendNow(request, token);
  }

  /**
   * @param {Outgoing} request
   * @param {string | null} token
   */
  async #sendAny(request, token) {
    const { header, hooks: { onRequest }, refreshTimeout } = this.#settings;
    let whole = request.attempt();
    let { body } = request;
    let isOurs = true;
    if (whole && onRequest) {
      const told = request.isCallersOwn || !token || !this.signatureOf(token) ? null : token;
      const answer = await within(onRequest(whole, { accessToken: told }), refreshTimeout, 'hooks.onRequest');
      const url = answer && urlOfRequest(answer);
      if (answer && url !== undefined) {
        whole = nativeRequest(answer, url);
        body = undefined;
      }
      // The hook may have replaced the request by one to another origin.
      isOurs = this.origins.isAllowed(/** @type {string} */ (urlOfRequest(whole)));
    }
    // An authorization of the hook's own stays.
    const given = whole?.headers.has(header) ? null : token;
    if (isOurs) this.#sign(request, whole ? whole.headers : request.headers, given);
    if (!whole) return this.#sendWithin(request, request.url, request.init ?? {});
    const hasPage = documentBase() !== undefined;
    // A `fetch` of another library may not know the platform's `Request`. Pages cannot send a body as a stream, and
    // WebKit makes one of what is only asked for.
    const isTold = !hasPage || body !== undefined && body !== null || /^(GET|HEAD)$/.test(whole.method);
    if (this.#settings.fetch && whole.mode !== 'navigate' && isTold) {
      const url = /** @type {string} */ (urlOfRequest(whole));
      return this.#sendWithin(request, url, Object.assign(request.init ?? {}, initOf(whole, request, body ?? whole.body), {
        headers: request.spelled(whole.headers, this.#settings),
      }));
    }
    // In Node, an abort does not reach a clone once the garbage collector has taken the `Request` it was made from.
    const signal = hasPage ? undefined : request.signal;
    if (!request.timeout && !request.init && !signal) return withReason(this.call(whole), request.signal);
    const { referrer, referrerPolicy } = whole;
    // A `Request` loses its referrer if it comes with an init.
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
   * Sets the headers that change from one attempt to the next.
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
    const value = request.isCallersOwn || !token ? undefined : this.signatureOf(token);
    if (headers) {
      if (value) headers.set(header, value);
      if (!request.whole && request.init) request.init.headers = request.spelled(headers, this.#settings);
    } else if (request.init) {
      const { accept } = request;
      // For so few headers, a literal costs a fraction of `Headers`, and of a spread as well.
      if (!value) request.init.headers = accept;
      else request.init.headers = accept ? { Accept: accept.Accept, [header]: value } : { [header]: value };
    }
  }

  /**
   * Returns the header value for a token. A token that is not valid in a header is not sent; the 401 that follows
   * starts a refresh. The mark of a cookie session is not sent either.
   *
   * @param {string} token
   */
  signatureOf(token) {
    const { scheme, isCookieSession } = this.#settings;
    if (isCookieSession) return undefined;
    if (this.#signed.token !== token) {
      this.#signed = { token, value: usableToken(scheme ? `${scheme} ${token}` : token) };
    }
    return this.#signed.value;
  }

  /** Drops the token whose header value is kept. */
  forget() { this.#signed = NOTHING_SIGNED; }

  /**
   * Tells if a response means that the token was not accepted. One from another origin, after a redirect or a hook,
   * does not count.
   *
   * @param {Response} response
   * @returns {Judgement | Promise<Judgement>}
   */
  isUnauthorized(response) {
    const { isUnauthorized: rule, hooks, refreshTimeout } = this.#settings;
    if (!rule && response?.status !== 401) return false;
    const mayBeElsewhere = response?.redirected || hooks.onRequest;
    // A response that was constructed by a script has no URL.
    if (mayBeElsewhere && response?.url && !this.origins.isAllowed(response.url)) return false;
    return rule ? within(askRule(rule, response), refreshTimeout, 'isUnauthorized') : true;
  }

  /**
   * Shows the answer to a request that is a `Request` to the onResponse hook, which may replace it.
   *
   * @param {Promise<Response>} answer
   * @param {Outgoing} request
   * @returns {Promise<Response>}
   */
  async finish(answer, request) {
    try {
      const response = await answer;
      const { hooks, refreshTimeout } = this.#settings;
      const shown = hooks.onResponse?.(response, /** @type {Request} */ (request.whole));
      const other = await within(shown, refreshTimeout, 'hooks.onResponse');
      return typeof other === 'object' && other ? other : response;
    } finally {
      request.release();
    }
  }
}

/**
 * Returns what `fetch` takes beside the URL of a `Request` to send the same.
 *
 * @param {any} request
 * @param {Outgoing} outgoing
 * @param {unknown} body
 */
function initOf(request, { signal, priority }, body) {
  return { ...membersOf(request, INIT_MEMBERS), body, signal, priority, duplex: 'half' };
}

/**
 * @param {(response: Response) => unknown} rule
 * @param {Response} response
 */
async function askRule(rule, response) {
  try {
    const answer = await rule(response);
    return answer === 'replay' ? answer : Boolean(answer);
  } catch (error) {
    report(error);
    return response?.status === 401;
  }
}
