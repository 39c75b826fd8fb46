// One request, read when `fetch` is called and able to be sent twice.
//
// Most requests are *parts*: a URL and an init of our own, whose body, if any, is a string, or a copy of a buffer or of
// search parameters. Those are sent again as they are. Everything else (streams, forms, blobs, a `Request`) becomes a
// `Request` at once and is cloned before it is sent, so that nothing that the caller does afterwards changes it, and a
// form keeps its boundary.

import { isTime } from './options.js';
import { nativeRequest } from './origins.js';

/** @import { Settings, Target } from './types.js' */

/**
 * The members of an init, as far as they are read by name: in the order in which `fetch` reads them, and ours among
 * them. What only some platforms know (dispatcher, next, cf) is passed along unread.
 */
const INIT_MEMBERS = [
  'auth', 'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'priority',
  'redirect', 'referrer', 'referrerPolicy', 'replay', 'signal', 'timeout', 'window',
];

/**
 * Reads the arguments of `fetch`, all of them, now.
 *
 * @param {Target} target
 * @param {any} init
 * @param {Settings} settings
 * @throws what `new Request` and `new Headers` throw about wrong arguments, and a TypeError about our own `timeout`
 */
export function readRequest(target, init, settings) {
  const isBare = init === undefined || init === null;
  // About an init that is no object, `fetch` complains best itself.
  if (!isBare && typeof init !== 'object' && typeof init !== 'function') new Request('data:,', init);
  const members = isBare ? {} : membersOf(init);
  const extras = isBare ? undefined : extrasOf(init);
  if (members.timeout !== undefined && !isTime(members.timeout)) {
    throw new TypeError('fetch: `timeout` must be a number of milliseconds from 0 (no limit) to 2147483647.');
  }
  const isKept = keepBody(members);
  const input = typeof target.input === 'string' ? target.input : nativeRequest(target.input);
  if (target.isOwn) avoidNoCors(members, input);
  if (typeof input === 'string') {
    // A Request that is passed in has a credentials mode of its own.
    if (settings.credentials) members.credentials ??= settings.credentials;
    if (isKept && mayBePassedOn(members.signal) && !hasHooks(settings)) {
      return new Outgoing(target, members, settings, Object.assign(extras ?? {}, members));
    }
  }
  const whole = new Request(input, members);
  return new Outgoing(target, members, settings, extras, whole);
}

/** One request of a caller's. */
export class Outgoing {
  /**
   * @param {Target} target
   * @param {Record<string, any>} members
   * @param {Settings} settings
   * @param {RequestInit | undefined} init sent with the URL; or beside `whole`, with what a `Request` does not hold
   * @param {Request} [whole]
   */
  constructor({ input, url, isRefresh }, { auth, replay, signal, timeout }, settings, init, whole) {
    this.url = url;
    this.init = init;
    this.whole = whole;
    /** Of one attempt, in ms; 0: no limit. */
    this.timeout = timeout ?? settings.timeout;
    /** @type {AbortSignal | undefined} */
    this.signal = (signal === undefined ? /** @type {Partial<Request>} */ (input).signal : signal) ?? undefined;
    /** To be changed before each attempt; none yet where neither the caller nor the options give any. */
    this.headers = whole?.headers;
    if (!whole && (init?.headers !== undefined || settings.headers)) this.addHeaders();
    /** Whether the caller brings its own authorization, or wants none. */
    this.isCallersOwn = addDefaults(this.headers, settings) || auth === false;
    /** Whether it asks for tokens itself, so that its 401 does not mean that they are to be refreshed. */
    this.isRefresh = isRefresh;
    /** False once the body is gone, or where the caller does not want it. */
    this.mayReplay = replay !== false && !this.isCallersOwn;
  }

  /** Gives an init headers of our own. */
  addHeaders() {
    this.headers = new Headers(this.init?.headers);
    if (this.init) this.init.headers = this.headers;
    return this.headers;
  }

  /** The `Request` of one attempt. Where a second attempt may follow, it is a clone. */
  attempt() {
    // The original is not for the second attempt either: WebKit sends the clones of a request with a stream, and
    // refuses itself.
    if (!this.mayReplay) return this.whole;
    try {
      return this.whole?.clone();
    } catch {
      this.mayReplay = false;
      return this.whole;
    }
  }

  /** Method and path, for the log. The query is left out: it may hold secrets. */
  describe() {
    return `${(this.whole ?? this.init)?.method ?? 'GET'} ${this.url.split(/[?#]/)[0]}`;
  }
}

/**
 * What of an init is read by name: each member once, wherever it comes from.
 *
 * @param {any} init
 */
function membersOf(init) {
  /** @type {Record<string, any>} */
  const members = {};
  for (const name of INIT_MEMBERS) {
    const value = init[name];
    if (value !== undefined) members[name] = value;
  }
  return members;
}

/**
 * An object for the members that are not read by name, if there may be any. Of a plain object they are copied as they
 * are, getters included, so that they survive a `fetch` that spreads its init; from another one they are inherited.
 *
 * @param {any} init
 * @returns {Record<string, any> | undefined}
 */
function extrasOf(init) {
  if (!isPlain(init)) {
    const hidden = { value: undefined, writable: true, enumerable: true, configurable: true };
    return Object.create(init, Object.fromEntries(INIT_MEMBERS.map((name) => [name, hidden])));
  }
  let extras;
  for (const name of Reflect.ownKeys(init)) {
    if (INIT_MEMBERS.includes(/** @type {string} */ (name))) continue;
    const member = Object.getOwnPropertyDescriptor(init, name);
    if (member) extras = Object.defineProperty(extras ?? {}, name, member);
  }
  return extras;
}

/**
 * Whether an object inherits nothing but from Object.prototype, of this or another realm.
 *
 * @param {object} value
 */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Gives `members` a body that nobody else can change. A `Request` would not do, since WebKit reads its buffers and
 * search parameters only when it is sent.
 *
 * @param {Record<string, any>} members
 * @returns whether it can be sent twice, as strings can
 */
function keepBody(members) {
  const { body } = members;
  if (body === undefined || body === null || typeof body === 'string') return true;
  if (body instanceof URLSearchParams) {
    members.body = new URLSearchParams(body);
    return true;
  }
  const isView = ArrayBuffer.isView(body);
  const buffer = isView ? body.buffer : body;
  // About memory that is shared, can grow or has been transferred, `fetch` says best itself whether it is a body.
  if (!(buffer instanceof ArrayBuffer) || /** @type {any} */ (buffer).resizable || !buffer.byteLength) return false;
  members.body = isView ? buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) : buffer.slice(0);
  return true;
}

/**
 * Whether `fetch` may be called with a signal later on. With one that is aborted, wrong arguments come first, and about
 * what is no signal `new Request` complains at once.
 *
 * @param {any} signal
 */
function mayBePassedOn(signal) {
  return signal === undefined || signal === null || signal instanceof AbortSignal && !signal.aborted;
}

/** @param {Settings} settings */
function hasHooks({ hooks }) {
  return hooks.onRequest !== undefined || hooks.onResponse !== undefined;
}

/**
 * In the mode `no-cors` no token can go along, and to the own origin there is nothing to avoid.
 *
 * @param {Record<string, any>} members
 * @param {string | Request} input
 */
function avoidNoCors(members, input) {
  const { mode, referrer, referrerPolicy } = /** @type {Partial<Request>} */ (input);
  if ((members.mode ?? mode) !== 'no-cors') return;
  members.mode = 'same-origin';
  // With an init beside it, a `Request` would lose these two.
  members.referrer ??= referrer;
  members.referrerPolicy ??= referrerPolicy;
}

/**
 * Adds the headers of the options, and tells whether the caller brings its own authorization.
 *
 * @param {Headers | undefined} headers
 * @param {Settings} settings
 */
function addDefaults(headers, { header, headers: defaults }) {
  if (!headers) return false;
  const isCallersOwn = headers.has(header);
  for (const [name, value] of defaults ?? []) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return isCallersOwn;
}
