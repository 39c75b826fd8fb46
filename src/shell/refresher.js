// Asking for new tokens: the refresh endpoint, an OAuth 2.0 token endpoint, or the caller's own function. What an
// answer means is decided in Rust.

import { startTimer } from './clock.js';
import { attachXsrf, cookie } from './cookie.js';
import { observe } from './observe.js';
import { absolute } from './origins.js';
import { isInPage } from './page.js';
import { tokenIn } from './storage.js';
import { mark, lifetimeOf, usableToken } from './token.js';

/** @import { Answer } from './platform-types.d.ts' */
/** @import { Session } from './session.js' */
/** @import { Settings, Transport } from './types.js' */

/** @type {Answer} */
const NO_ANSWER = {
  status: 0, isJson: false, isPage: false, isTemporary: false, isSignInRequired: false, isFailed: false,
};

const WRONG_RESULT = 'The refresh function has to return { accessToken, refreshToken? }, or to throw a '
  + 'SignInRequiredError when the session is over.';

/** Sends refreshes. */
export class Refresher {
  #settings;
  #transport;
  #session;

  /**
   * @param {Settings} settings
   * @param {Transport} transport
   * @param {Session} session
   */
  constructor(settings, transport, session) {
    this.#settings = settings;
    this.#transport = transport;
    this.#session = session;
  }

  /**
   * Sends one refresh.
   * @param {string | null} refreshToken
   */
  ask(refreshToken) {
    return new RefreshRequest((signal) => observe(this.#session, 'refresh', {}, this.#ask(refreshToken, signal)));
  }

  /**
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async #ask(refreshToken, signal) {
    const { refresh } = this.#settings;
    if (typeof refresh === 'function') return this.#call(refresh, refreshToken, signal);
    return this.#read(await this.#send(refreshToken, signal), refreshToken);
  }

  /**
   * @param {Extract<Settings['refresh'], Function>} refresh
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async #call(refresh, refreshToken, signal) {
    const accessToken = this.#settings.isCookieSession ? null : this.#session.storage.read(0);
    let tokens;
    try {
      tokens = await refresh({ refreshToken, accessToken, signal, fetch: this.#transport.fetch });
    } catch (error) {
      const isSignInRequired = /** @type {any} */ (error)?.code === 'SIGN_IN_REQUIRED';
      return { ...NO_ANSWER, isSignInRequired, isFailed: !isSignInRequired, cause: error };
    }
    const answer = this.#settings.isCookieSession ? { accessToken: mark() } : tokensIn(tokens, this.#settings.tokenNames);
    if (!answer.accessToken) throw new TypeError(WRONG_RESULT);
    return { ...NO_ANSWER, ...answer, status: 200 };
  }

  /**
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   */
  #send(refreshToken, signal) {
    const { refresh, refreshURL, credentials, tokenNames } = this.#settings;
    const isOAuth = typeof refresh === 'object';
    const url = absolute(isOAuth ? refresh.tokenEndpoint : refreshURL);
    const { isOurs, isOwn } = this.#transport.origins.target(url);
    // Headers of the application may hold secrets: they go only where the token may go.
    const headers = new Headers(isOurs ? this.#settings.headers : undefined);
    if (isOurs) attachXsrf(headers, this.#settings);
    headers.set('Accept', 'application/json');
    const body = isOAuth
      ? `${oauthForm(refresh, refreshToken)}`
      : tokenBody(refreshToken, tokenNames);
    if (body) headers.set('Content-Type', isOAuth ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'application/json');
    return this.#transport.call(url, {
      method: 'POST',
      headers,
      body,
      signal,
      // A redirect by 307 to another origin would take the refresh token along. From another origin than the page's, a
      // browser follows it wherever it leads, or not at all; Node takes the origin that was asked for the own one.
      ...(isOwn || !isInPage() ? { mode: 'same-origin' } : { redirect: 'error' }),
      // A cookie that the server has rotated is kept by the browser although the page has gone. A token in the body
      // would be rotated for nobody.
      keepalive: !refreshToken,
      // All the others wait for it: it does not queue behind them.
      priority: 'high',
      credentials,
    });
  }

  /**
   * @param {Response} response
   * @param {string | null} refreshToken the one that was presented
   * @returns {Promise<Answer>}
   */
  async #read(response, refreshToken) {
    const { isCookieSession, tokenNames } = this.#settings;
    const { ok, headers } = response;
    // A `fetch` of the caller's may say anything, and Rust takes numbers only.
    const status = Number(response.status);
    const text = await response.text().catch((error) => {
      // Where the status says it all, a body that breaks off takes nothing away.
      if (ok && !isCookieSession) throw error;
      return '';
    });
    const json = jsonIn(text);
    const isPage = json === undefined && isHtml(headers, text) || isCookieSession && this.#isElsewhere(response);
    const found = json === undefined ? {} : tokensIn(json, tokenNames);
    const answer = { ...NO_ANSWER, status, retryAfter: retryAfterIn(headers), ...found, isPage };
    if (ok && isCookieSession) answer.accessToken = isPage ? undefined : mark();
    else if (ok) answer.accessToken = this.#freshCookieToken() ?? answer.accessToken;
    if (ok && answer.accessToken) return answer;
    const words = wordsOf(json, [refreshToken, this.#session.storage.read(0)]);
    const cause = new Error(`The token server answered ${status}${words && ': '}${words}`);
    return { ...answer, cause: Object.assign(cause, { status }) };
  }

  /** Tells if a redirect has led to another path than was asked. @param {Response} response */
  #isElsewhere({ redirected, url }) {
    return redirected && pathOf(url) !== pathOf(this.#settings.refreshURL);
  }

  /** The token in the cookie, if this refresh has brought it. */
  #freshCookieToken() {
    const { tokenCookie } = this.#settings;
    const token = tokenCookie && usableToken(cookie(tokenCookie));
    return token === this.#session.storage.read(0) ? undefined : token;
  }
}

/** One refresh that was sent. It does not fail. */
class RefreshRequest {
  /** None once it is answered. @type {AbortController | undefined} */
  #controller = new AbortController();
  /** @type {Promise<Answer>} */
  #answer;

  /** @param {(signal: AbortSignal) => Promise<Answer>} send */
  constructor(send) {
    this.#answer = send(/** @type {AbortController} */ (this.#controller).signal)
      .catch((cause) => ({ ...NO_ANSWER, isFailed: true, cause }))
      .finally(() => { this.#controller = undefined; });
  }

  /**
   * The answer; undefined if it takes longer.
   *
   * @param {number} patience in ms
   * @returns {Promise<Answer | undefined>}
   */
  wait(patience) {
    return new Promise((resolve) => {
      const timer = startTimer(() => resolve(undefined), patience);
      this.#answer.then(resolve).finally(() => clearTimeout(timer));
    });
  }

  /** Gives it up, if it is not answered yet. */
  abort() { this.#controller?.abort(); }
}

/**
 * The request of RFC 6749 §6.
 *
 * @param {{ clientId: string, scope?: string | undefined }} client
 * @param {string | null} refreshToken
 */
function oauthForm({ clientId, scope }, refreshToken) {
  const form = new URLSearchParams({ grant_type: 'refresh_token' });
  if (refreshToken) form.set('refresh_token', refreshToken);
  form.set('client_id', clientId);
  if (scope) form.set('scope', scope);
  return form;
}

/**
 * The JSON that brings a refresh token to the server; without one there is no body.
 *
 * @param {string | null} refreshToken
 * @param {Settings['tokenNames']} names
 */
export const tokenBody = (refreshToken, names) => (
  refreshToken && JSON.stringify({ [names.refreshToken ?? 'refreshToken']: refreshToken })
);

/** @param {string} text */
function jsonIn(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {Headers} headers @param {string} text */
const isHtml = (headers, text) => (
  /html/i.test(headers.get('Content-Type') ?? '') || /^\s*<(!doctype html|html)/i.test(text)
);

/** @param {string} url */
const pathOf = (url) => url.replace(/[?#].*/, '').replace(/\/$/, '');

/**
 * The tokens in `json`, at the top level or under `data`: under the names that the options give, which may be paths,
 * or in the spellings that servers use.
 *
 * @param {any} json
 * @param {Settings['tokenNames']} names
 * @returns {Partial<Answer>}
 */
function tokensIn(json, names) {
  /** @type {(...names: (string | undefined)[]) => any[]} */
  const find = (...names) => [json, json?.data].flatMap((level) => valuesAt(level, ...names));
  const [accessToken] = find(names.accessToken, 'accessToken', 'access_token').flatMap(usableTokens);
  if (accessToken) {
    const [refreshToken] = find(names.refreshToken, 'refreshToken', 'refresh_token').filter(tokenIn);
    const [expiresIn] = find(names.expiresIn, 'expiresIn', 'expires_in').map(lifetimeOf).filter(Boolean);
    return { isJson: true, accessToken, refreshToken, expiresIn };
  }
  const code = json?.code;
  return {
    isJson: true,
    code: typeof code === 'number' && code >= 0 && code <= 65535 ? code : undefined,
    isTemporary: saidIn(json, 'error', 'code', 'type', '__type', 'status').some((word) => TEMPORARY.test(word)),
  };
}

/** Errors that pass by themselves, as OAuth 2.0 and the services that people use name them. */
const TEMPORARY = /^(temporarily_unavailable|server_error|slow_down)$|throttl|too.?many.?requests|rate.?limit/i;

/** @param {unknown} value */
const usableTokens = (value) => usableToken(value) ?? [];

/**
 * Reads what `level` has under these names, each of which may be a path.
 *
 * @param {any} level
 * @param {...(string | undefined)} names
 * @returns {any[]}
 */
const valuesAt = (level, ...names) => (
  names.map((name) => name?.split('.').reduce((value, part) => value?.[part], level))
);

/**
 * The texts and numbers that an answer, or the error in it, has under these names.
 *
 * @param {any} json
 * @param {...string} names
 */
const saidIn = (json, ...names) => (
  [json, json?.error].flatMap((level) => valuesAt(level, ...names))
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String)
);

/**
 * Quotes what an answer says, for the developer who reads the error, and leaves out whatever could be a token.
 *
 * @param {any} json
 * @param {(string | null)[]} tokens
 */
function wordsOf(json, tokens) {
  let words = saidIn(json, 'error', 'error_description', 'code', 'message').join(': ');
  for (const token of tokens) if (token) words = words.replaceAll(token, '…');
  return words.replace(/[\w.~+/=-]{25,}/g, '…').slice(0, 200);
}

/**
 * In ms, of seconds or a date (RFC 9110 §10.2.3). A date is counted from the answer's own: the clock here may be wrong.
 * @param {Headers} headers
 */
function retryAfterIn(headers) {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const sent = Date.parse(headers.get('Date') ?? '') || Date.now();
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - sent;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
