// Asking for new tokens: the refresh endpoint, an OAuth 2.0 token endpoint, or the caller's own function. What an
// answer means is decided in Rust.

import { startTimer } from './clock.js';
import { attachXsrf, cookie } from './cookie.js';
import { tokenIn } from './storage.js';
import { mark, millisOf, usableToken } from './token.js';

/** @import { Answer } from './platform-types.d.ts' */
/** @import { Session } from './session.js' */
/** @import { Settings, Transport } from './types.js' */

/** @type {Answer} */
const NO_ANSWER = { status: 0, isJson: false, isSignInRequired: false, isFailed: false };

const WRONG_RESULT = 'The refresh function has to return { accessToken, refreshToken? }, or to throw a '
  + 'SignInRequiredError when the session is over.';

/** Sends refreshes. */
export class Refresher {
  #settings;
  #transport;
  #storage;

  /**
   * @param {Settings} settings
   * @param {Transport} transport
   * @param {Session} session
   */
  constructor(settings, transport, session) {
    this.#settings = settings;
    this.#transport = transport;
    this.#storage = session.storage;
  }

  /**
   * Sends one refresh.
   * @param {string | null} refreshToken
   */
  ask(refreshToken) {
    return new RefreshRequest((signal) => this.#ask(refreshToken, signal));
  }

  /**
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async #ask(refreshToken, signal) {
    const { refresh } = this.#settings;
    if (typeof refresh === 'function') return this.#call(refresh, refreshToken, signal);
    return this.#read(await this.#send(refreshToken, signal));
  }

  /**
   * @param {Extract<Settings['refresh'], Function>} refresh
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async #call(refresh, refreshToken, signal) {
    let tokens;
    try {
      tokens = await refresh({ refreshToken, signal, fetch: this.#transport.fetch });
    } catch (error) {
      const isSignInRequired = /** @type {any} */ (error)?.code === 'SIGN_IN_REQUIRED';
      return { ...NO_ANSWER, isSignInRequired, isFailed: !isSignInRequired, cause: error };
    }
    const answer = this.#settings.isCookieSession ? { accessToken: mark() } : tokensIn(tokens);
    if (!answer.accessToken) throw new TypeError(WRONG_RESULT);
    return { ...NO_ANSWER, ...answer, status: 200 };
  }

  /**
   * @param {string | null} refreshToken
   * @param {AbortSignal} signal
   */
  #send(refreshToken, signal) {
    const { refresh, refreshURL, credentials } = this.#settings;
    const isOAuth = typeof refresh === 'object';
    const headers = new Headers(isOAuth ? undefined : this.#settings.headers);
    if (!isOAuth) attachXsrf(headers, this.#settings);
    headers.set('Accept', 'application/json');
    if (!isOAuth && refreshToken) headers.set('Content-Type', 'application/json');
    return this.#transport.call(isOAuth ? refresh.tokenEndpoint : refreshURL, {
      method: 'POST',
      headers,
      body: isOAuth ? oauthForm(refresh, refreshToken) : refreshToken && JSON.stringify({ refreshToken }),
      signal,
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
   * @returns {Promise<Answer>}
   */
  async #read(response) {
    const { status, ok, headers } = response;
    const answer = { ...NO_ANSWER, status, retryAfter: retryAfterIn(headers) };
    if (!ok) return { ...answer, cause: new Error(`The token server answered ${status}`) };
    if (this.#settings.isCookieSession) return { ...answer, accessToken: mark() };
    const accessToken = this.#freshCookieToken();
    if (accessToken) return { ...answer, accessToken };
    const text = await response.text();
    try {
      return { ...answer, ...tokensIn(JSON.parse(text)) };
    } catch {
      return answer;
    }
  }

  /** The token in the cookie, if this refresh has brought it. */
  #freshCookieToken() {
    const { tokenCookie } = this.#settings;
    const token = tokenCookie && usableToken(cookie(tokenCookie));
    return token === this.#storage.read(0) ? undefined : token;
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
 * The tokens in `json`, at the top level or under `data`, in the spellings that servers use.
 *
 * @param {any} json
 * @returns {Partial<Answer>}
 */
function tokensIn(json) {
  for (const level of [json, json?.data]) {
    const accessToken = usableToken(level?.accessToken) ?? usableToken(level?.access_token);
    if (accessToken) {
      const refreshToken = tokenIn(level.refreshToken) ?? tokenIn(level.refresh_token) ?? undefined;
      const expiresIn = millisOf(level.expiresIn) || millisOf(level.expires_in) || undefined;
      return { isJson: true, accessToken, refreshToken, expiresIn };
    }
  }
  const code = json?.code;
  return { isJson: true, code: typeof code === 'number' && code >= 0 && code <= 65535 ? code : undefined };
}

/**
 * In ms, of seconds or a date (RFC 9110 §10.2.3).
 * @param {Headers} headers
 */
function retryAfterIn(headers) {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
