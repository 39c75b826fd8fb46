// `createApi` and the api that it returns. It reads the arguments; Rust decides about tokens.

import { keepFresh } from './background.js';
import { callsOver } from './calls.js';
import { drive } from './drive.js';
import { EVENTS } from './listeners.js';
import { observe, OBSERVED } from './observe.js';
import { readMinValidity, readOptions } from './options.js';
import { Platform } from './platform.js';
import { readRequest } from './request.js';
import { openSession } from './session.js';
import { mark, lifetimeOf, usableToken } from './token.js';
import { Transport } from './transport.js';
import { livePlatforms, watchPage } from './watch.js';

/** @import { Core, Outgoing } from './types.js' */

/**
 * Creates an api; `public.d.ts` says what it is.
 *
 * @param {unknown} options
 * @param {string | undefined} who begins each complaint: the function that was called, with a colon
 * @param {Core} core
 * @throws {TypeError} names the option that is wrong
 * @throws {UnsupportedRuntimeError}
 */
export function createApi(options, who = 'createApi: ', core) {
  const settings = readOptions(options, who);
  const transport = new Transport(settings);
  const platform = new Platform(settings, openSession(settings, core), transport);
  install(platform, core);
  watchPage(platform);
  if (settings.autoRefresh) keepFresh(platform);
  return apiOf(platform);
}

/**
 * Gives every live client a new core. After a trap, the WebAssembly instance of the old ones is unusable.
 *
 * @param {() => Core} newCore
 */
export function restart(newCore) {
  const platforms = livePlatforms();
  for (const { session } of platforms) {
    session.core = undefined;
    session.state.forget();
  }
  for (const platform of platforms) {
    install(platform, newCore());
    platform.session.state.noticeChange(platform);
  }
  for (const { background } of platforms) background?.goOn();
}

/**
 * @param {Platform} platform
 * @param {Core} core
 */
function install(platform, core) {
  const { session, settings } = platform;
  if (session.core) core.join(session.core);
  platform.core = core;
  core.start(
    platform, settings.refreshTimeout, settings.refreshRetries, settings.retryDelay, settings.maxRetryAfter,
    settings.coolDown, settings.refreshAhead, settings.lockTimeout, settings.returnsUnauthorized, settings.tellsSignOut,
    settings.isCookieSession, settings.debug, platform.isSlow(),
  );
  // Not before: a core that traps is none to join.
  session.core ??= core;
}

/**
 * Makes the members, which need no `this`: they can be handed to other libraries.
 *
 * @param {Platform} platform
 */
function apiOf(platform) {
  const { settings, transport, session } = platform;
  const { request, ...methods } = callsOver((url, init) => send(platform, url, init), settings.headers);
  const read = settings.isCookieSession ? newMark : readTokens;
  const api = {
    // Like the platform's, it has a `length` of 1.
    fetch(/** @type {unknown} */ input, init = undefined) {
      return arguments.length ? send(platform, input, init) : transport.call();
    },
    request,
    async signIn(/** @type {unknown} */ tokens) {
      await drive(platform.core.changeSession(platform, ...read(tokens, 'signIn'), false));
    },
    async setTokens(/** @type {unknown} */ tokens) {
      await drive(platform.core.changeSession(platform, ...read(tokens, 'setTokens'), true));
    },
    async signOut() {
      await drive(platform.core.changeSession(platform, null, null, Number.NaN, false));
      await platform.farewell;
    },
    async refresh() {
      await drive(platform.core.accessToken(platform, Infinity));
    },
    async getAccessToken(/** @type {unknown} */ options) {
      const token = await drive(platform.core.accessToken(platform, readMinValidity(options)));
      return settings.isCookieSession ? null : token;
    },
    on(/** @type {string} */ type, /** @type {(event: any) => void} */ listener) {
      if (!EVENTS.includes(type) || typeof listener !== 'function') {
        throw new TypeError(`on: expected one of '${EVENTS.join("', '")}', and a function.`);
      }
      return session.listeners.add(type, listener);
    },
    get session() {
      return session.state.read(platform);
    },
    subscribe(/** @type {(session: any) => void} */ listener) {
      if (typeof listener !== 'function') throw new TypeError('subscribe: expected a function.');
      return session.state.subscribe(platform, listener);
    },
    ...methods,
  };
  transport.mark(api.fetch);
  Object.defineProperty(api.fetch, OBSERVED, { value: [session.keys, session.observers] });
  return api;
}

/**
 * Does the work of `fetch`. Everything that is thrown becomes a rejection, also from the caller's own objects.
 *
 * @param {Platform} platform
 * @param {unknown} input
 * @param {unknown} init
 * @returns {Promise<Response>}
 */
function send(platform, input, init) {
  const { settings, transport } = platform;
  try {
    const target = transport.origins.target(input);
    if (!target.isOurs) return transport.call(target.input, init);
    const request = readRequest(target, init, settings);
    if (request.signal?.aborted) {
      request.release();
      return Promise.reject(request.signal.reason);
    }
    const answer = transport.passOn(request)
      ?? observe(platform.session, 'call', request, sendOurs(platform, request));
    return request.whole ? transport.finish(answer, request) : answer;
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Sends a request to an allowed origin: at once if it needs nothing else, so that it costs no more than `fetch`.
 *
 * @param {Platform} platform
 * @param {Outgoing} request
 * @returns {Promise<Response>}
 */
function sendOurs(platform, request) {
  const { core, transport } = platform;
  const { signal } = request;
  if (request.isCallersOwn) return platform.send(request, null);
  const token = transport.isPlain(request) ? core.depart(platform) : undefined;
  if (token !== undefined) {
    const epoch = core.epoch();
    const answer = observe(platform.session, 'attempt', request, transport.sendNow(request, token));
    if (request.isRefresh) return answer;
    return answer.then((response) => (
      transport.isUnauthorized(response)
        ? drive(platform.core.fetch(platform, request, epoch, response), signal)
        : response
    ));
  }
  if (!request.isRefresh) return drive(core.fetch(platform, request, 0, undefined), signal);
  return drive(core.accessToken(platform, 0), signal).then((held) => platform.send(request, held));
}

/**
 * Tokens, and the lifetime of the access token in ms; NaN: not known.
 * @typedef {[access: string, refresh: string | undefined, expiresIn: number]} Tokens
 */

/** @returns {Tokens} */
const newMark = () => [mark(), undefined, Number.NaN];

/**
 * Reads the argument of `signIn` and `setTokens`.
 *
 * @param {any} tokens
 * @param {string} who
 * @returns {Tokens}
 */
function readTokens(tokens, who) {
  const { accessToken, refreshToken, expiresIn } = Object(tokens);
  const lifetime = lifetimeOf(expiresIn);
  const isGiven = (/** @type {unknown} */ value) => value !== undefined && value !== null;
  const complain = (/** @type {string} */ problem) => { throw new TypeError(`${who}: ${problem}`); };
  // Without them the session would end early, and nobody would know why.
  for (const name of ['accessToken', 'refreshToken', 'expiresIn']) {
    const other = name.replace(/[TI]/, (letter) => `_${letter.toLowerCase()}`);
    if (isGiven(tokens?.[other]) && !isGiven(tokens[name])) complain(`\`${other}\` is \`${name}\` here.`);
  }
  if (!usableToken(accessToken) || isGiven(refreshToken) && !usableToken(refreshToken)
    || isGiven(expiresIn) && Number.isNaN(lifetime)) {
    complain('expected { accessToken, refreshToken?, expiresIn? }: strings that can stand in a header, and a number of seconds.');
  }
  if (/^bearer\s/i.test(accessToken)) complain('`accessToken` is the token alone, without `Bearer`.');
  return [accessToken, refreshToken ?? undefined, lifetime];
}
