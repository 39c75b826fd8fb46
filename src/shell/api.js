// `createApi`, and the api that it returns: what the caller gives is read here, what is to be done is decided in Rust.

import { keepFresh } from './background.js';
import { callsOver } from './calls.js';
import { drive } from './drive.js';
import { EVENTS } from './listeners.js';
import { readMinValidity, readOptions } from './options.js';
import { Platform } from './platform.js';
import { readRequest } from './request.js';
import { openSession } from './session.js';
import { mark, millisOf, usableToken } from './token.js';
import { Transport } from './transport.js';
import { watchPage } from './watch.js';

/** @import { Client, Core, Outgoing } from './types.js' */

/**
 * The clients of all apis that are in use, to be started again after a trap.
 *
 * @type {Set<WeakRef<Client>>}
 */
const clients = new Set();

/**
 * Creates an api; `index.d.ts` says what it is.
 *
 * @param {unknown} options
 * @param {string} who what has been called for it, with a colon behind it
 * @param {Core} core
 * @throws {TypeError} which names the option that is wrong
 * @throws {UnsupportedRuntimeError}
 */
export function createApi(options, who, core) {
  const settings = readOptions(options, who);
  const transport = new Transport(settings);
  const session = openSession(settings, core);
  const platform = new Platform(settings, session, transport);
  const client = { settings, transport, session, platform };
  install(client, core);
  watchPage(platform);
  if (settings.autoRefresh) keepFresh(platform);
  for (const known of clients) if (!known.deref()) clients.delete(known);
  clients.add(new WeakRef(client));
  return apiOf(client);
}

/**
 * Gives every client that is in use a new core: after a trap, the instance of the one before is of no use.
 *
 * @param {() => Core} newCore
 */
export function restart(newCore) {
  const known = [...clients].flatMap((client) => client.deref() ?? []);
  for (const { session } of known) session.core = undefined;
  for (const client of known) install(client, newCore());
}

/**
 * @param {Client} client
 * @param {Core} core
 */
function install({ settings, session, platform }, core) {
  if (session.core) core.join(session.core);
  else session.core = core;
  core.configure(settings);
  platform.core = core;
  core.start(platform);
}

/**
 * The members are functions of their own, so that they can be handed to other libraries.
 *
 * @param {Client} client
 */
function apiOf(client) {
  const { settings, transport, session, platform } = client;
  const { request, ...methods } = callsOver((url, init) => send(client, url, init));
  const api = {
    // As the platform's `fetch`, it needs one argument.
    fetch(/** @type {unknown} */ input, init = undefined) {
      return arguments.length ? send(client, input, init) : transport.call();
    },
    request,
    async signIn(/** @type {unknown} */ tokens) {
      const [access, refresh, expiresIn] = settings.isCookieSession ? [mark()] : readTokens(tokens);
      await drive(platform.core.signIn(platform, access, refresh, expiresIn ?? Number.NaN));
    },
    async signOut() {
      await drive(platform.core.signOut(platform));
    },
    async refresh() {
      await drive(platform.core.refresh(platform));
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
    ...methods,
  };
  transport.mark(api.fetch);
  return api;
}

/**
 * What `fetch` does, whoever calls it. Whatever is thrown, by the caller's objects too, becomes a rejection.
 *
 * @param {Client} client
 * @param {unknown} input
 * @param {unknown} init
 * @returns {Promise<Response>}
 */
function send(client, input, init) {
  const { settings, transport } = client;
  try {
    const target = transport.origins.target(input);
    if (!target.isOurs) return transport.call(target.input, init);
    const request = readRequest(target, init, settings);
    if (request.signal?.aborted) return Promise.reject(request.signal.reason);
    return transport.show(sendOurs(client, request), request);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Sends a request that may carry the token: at once if that can be done, so that it costs no more than `fetch`.
 *
 * @param {Client} client
 * @param {Outgoing} request
 * @returns {Promise<Response>}
 */
function sendOurs({ transport, platform }, request) {
  const { core } = platform;
  const { signal } = request;
  if (request.isCallersOwn) return transport.send(request, null);
  const token = transport.isPlain(request) ? core.depart(platform) : undefined;
  if (token !== undefined) {
    const epoch = core.epoch();
    const answer = transport.sendNow(request, token);
    if (request.isRefresh) return answer;
    return answer.then((response) => (
      transport.isUnauthorized(response)
        ? drive(platform.core.answerUnauthorized(platform, request, epoch, response), signal)
        : response
    ));
  }
  if (!request.isRefresh) return drive(core.fetch(platform, request), signal);
  return drive(core.accessToken(platform, 0), signal).then((held) => transport.send(request, held));
}

/**
 * The argument of `signIn`.
 *
 * @param {any} tokens
 * @returns {[access: string, refresh: string | undefined, expiresIn: number]} the last one in ms; NaN: not known
 */
function readTokens(tokens) {
  const { accessToken, refreshToken, expiresIn } = Object(tokens);
  const lifetime = millisOf(expiresIn);
  const isGiven = (/** @type {unknown} */ value) => value !== undefined && value !== null;
  if (!usableToken(accessToken) || isGiven(refreshToken) && !usableToken(refreshToken)
    || isGiven(expiresIn) && Number.isNaN(lifetime)) {
    throw new TypeError('signIn: expected { accessToken, refreshToken?, expiresIn? }: strings that can stand in a '
      + 'header, and a number of seconds.');
  }
  return [accessToken, refreshToken ?? undefined, lifetime];
}
