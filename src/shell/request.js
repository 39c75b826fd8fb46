// Requests, which are read when `fetch` is called and can be sent twice.
//
// Most requests are *parts*: a URL and our own copy of the init, whose body, if any, is a string, or a copy of a buffer
// or of search parameters. Those are sent again unchanged. Everything else (streams, forms, blobs, a `Request`) becomes
// a `Request` at once, which is cloned for each attempt: later changes by the caller have no effect, and a form keeps
// its boundary.

import { isSignal } from './abort.js';
import { isTime } from './options.js';
import { nativeRequest } from './origins.js';

/** @import { Settings, Target } from './types.js' */

/**
 * The members of an init that are read by name, in the order in which `fetch` reads them; `auth`, `replay` and
 * `timeout` are ours. Members that only some platforms know (dispatcher, next, cf) are passed along unread.
 */
export const INIT_MEMBERS = [
  'auth', 'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'priority',
  'redirect', 'referrer', 'referrerPolicy', 'replay', 'signal', 'timeout', 'window',
];

/** Headers that nobody can change: they need no copy, whose `Headers` would cost more than all else before `fetch`. */
export const ACCEPT = { Accept: 'application/json, text/plain, */*' };

/** The init of a call that has none of its own: there is nothing else to be read in it. */
export const ASKING = { headers: ACCEPT };

/** The values of `auth`. */
const AUTH = [null, true, false, 'optional'];

/**
 * Reads all arguments of `fetch` now.
 *
 * @param {Target} target
 * @param {any} init
 * @param {Settings} settings
 * @throws the errors of `new Request` and `new Headers` for wrong arguments, and a TypeError for a wrong `auth` or `timeout`
 */
export function readRequest(target, init, settings) {
  const isBare = init === undefined || init === null;
  // The platform refuses an init that is not an object with its own message.
  if (!isBare && typeof init !== 'object' && typeof init !== 'function') new Request('data:,', init);
  const isKnown = isBare || init === ASKING;
  /** @type {Record<string, any>} */
  const members = isKnown ? { headers: init?.headers } : membersOf(init, INIT_MEMBERS);
  const extras = isKnown ? undefined : extrasOf(init);
  if (members.timeout !== undefined && !isTime(members.timeout)) {
    throw new TypeError('fetch: `timeout` must be a number of milliseconds from 0 (no limit) to 2147483647.');
  }
  if (members.auth !== undefined && !AUTH.includes(members.auth)) {
    throw new TypeError("fetch: `auth` must be true, false or 'optional'.");
  }
  const isKept = keepBody(members, settings.fetch !== undefined);
  const input = typeof target.input === 'string' ? target.input : nativeRequest(target.input, target.url);
  if (target.isOwn) avoidNoCors(members, input);
  const names = namesOf(members);
  if (typeof input === 'string') {
    // A Request has a credentials mode of its own.
    if (members.credentials === undefined && settings.credentials) members.credentials = settings.credentials;
    if (isKept && mayBePassedOn(members.signal) && !hasHooks(settings)) {
      return new Outgoing(target, members, settings, extras ? Object.assign(extras, members) : members, names);
    }
  }
  const whole = new Request(input, members);
  if (!isKept) members.body = undefined;
  return new Outgoing(target, members, settings, extras, names, whole);
}

/** One request of a caller's. */
export class Outgoing {
  /**
   * @param {Target} target
   * @param {Record<string, any>} members
   * @param {Settings} settings
   * @param {RequestInit | undefined} init sent with the URL; beside `whole`, only the members that a `Request` drops
   * @param {string[] | undefined} names of the headers
   * @param {Request} [whole]
   */
  constructor({ input, url, isRefresh }, { auth, body, priority, replay, signal, timeout }, settings, init, names, whole) {
    this.url = url;
    this.init = init;
    this.whole = whole;
    /** A `Request` does not tell these: the body that can be sent again, and its length. */
    this.body = body;
    this.priority = priority;
    /** For one attempt, in ms; 0: no limit. */
    this.timeout = timeout ?? settings.timeout;
    const given = signal === undefined ? /** @type {Partial<Request>} */ (input).signal : signal;
    // The signal of another realm is followed through the Request, and WebKit ignores objects that are not signals.
    /** @type {AbortSignal | undefined} */
    this.signal = isSignal(given) ? given : given && whole?.signal || undefined;
    /** Changed before each attempt; undefined if neither the caller nor the options give any. */
    this.headers = whole?.headers;
    /** Their names as the caller has written them; undefined where those are not known. */
    this.names = names;
    /** Sent with each attempt, where there are no `headers`. */
    this.accept = init?.headers === ACCEPT ? ACCEPT : undefined;
    if (!whole && (init?.headers !== this.accept || settings.headers)) this.addHeaders();
    /** True if the caller brings its own authorization, or wants none. */
    this.isCallersOwn = addDefaults(this.headers, settings) || auth === false;
    /** True if it asks for tokens itself: a refresh would not help against its 401. */
    this.isRefresh = isRefresh;
    /** True if it does without a session. */
    this.isOptional = auth === 'optional';
    /** False if the caller does not want it, or once the body is consumed. */
    this.mayReplay = replay !== false && !this.isCallersOwn && !isRefresh;
  }

  /** Gives the init headers of our own. */
  addHeaders() {
    this.headers = new Headers(this.init?.headers);
    if (this.init) this.init.headers = this.headers;
    return this.headers;
  }

  /**
   * Returns headers with the names as the caller has written them: browsers send those of a `Headers` in lower case.
   *
   * @param {Headers} headers
   * @param {Settings} settings
   */
  spelled(headers, { header }) {
    const { names } = this;
    if (!names) return headers;
    const spelling = new Map([...names, header].map((name) => [`${name}`.toLowerCase(), name]));
    return Object.fromEntries([...headers].map(([name, value]) => [spelling.get(name) ?? name, value]));
  }

  /** Returns the `Request` of one attempt: a clone, if a second attempt may follow. */
  attempt() {
    // The second attempt does not use the original either: WebKit sends clones of a request with a stream, but refuses
    // the original.
    if (!this.mayReplay) return this.whole;
    try {
      return this.whole?.clone();
    } catch {
      this.mayReplay = false;
      return this.whole;
    }
  }

  /** Lets the kept body go, when nothing is sent any more: a stream goes on as long as one of its copies is wanted. */
  release() {
    this.mayReplay = false;
    this.whole?.body?.cancel().catch(() => {});
  }

  /** Returns method and path, for the log. The query is left out: it may hold secrets. */
  describe() {
    return `${(this.whole ?? this.init)?.method ?? 'GET'} ${this.url.split(/[?#]/)[0]}`;
  }
}

/**
 * Returns the names of the headers as the caller has written them, or undefined. Makes a list of what can be read only
 * once.
 *
 * @param {Record<string, any>} members
 * @returns {string[] | undefined}
 */
function namesOf(members) {
  const { headers } = members;
  if (typeof headers !== 'object' || headers === ACCEPT || headers instanceof Headers) return undefined;
  if (!headers?.[Symbol.iterator]) return Object.getOwnPropertyNames(Object(headers));
  members.headers = [...headers];
  return members.headers.map((/** @type {string[]} */ [name]) => name);
}

/**
 * Reads the known members of an object, each once: own or inherited, enumerable or not.
 *
 * @param {any} object
 * @param {string[]} known
 */
export function membersOf(object, known) {
  /** @type {Record<string, any>} */
  const members = {};
  for (const name of known) {
    const value = object[name];
    if (value !== undefined) members[name] = value;
  }
  return members;
}

/**
 * Makes an object of the members that are not read by name, if there may be any. Those of a plain object are copied,
 * with their getters, so that they survive a `fetch` that spreads its init; other objects are asked when they are needed.
 *
 * @param {any} init
 * @returns {Record<string, any> | undefined}
 */
function extrasOf(init) {
  if (!isPlain(init)) {
    /** @type {Record<string | symbol, any>} */
    const own = Object.fromEntries(INIT_MEMBERS.map((name) => [name, undefined]));
    // A getter of its class may want that very object.
    return new Proxy(own, { get: (_own, name) => (name in own ? own[name] : init[name]) });
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
 * Tells if an object inherits from nothing but Object.prototype, of this or another realm.
 *
 * @param {object} value
 */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const BLOB_OR_FORM = /^\[object (Blob|File|FormData)\]$/;

/**
 * Gives `members` a body that nobody else can change. A `Request` is not enough, since WebKit reads buffers and search
 * parameters only when it sends them.
 *
 * @param {Record<string, any>} members
 * @param {boolean} hasOwnFetch
 * @returns true if the body can be sent twice without a `Request`
 */
function keepBody(members, hasOwnFetch) {
  const { body } = members;
  if (body === undefined || body === null || typeof body === 'string') return true;
  // Nothing can change a blob; and a form of the library that `fetch` is of, nobody else can read.
  if (hasOwnFetch && BLOB_OR_FORM.test(Object.prototype.toString.call(body)) && !(body instanceof FormData)) return true;
  if (body instanceof URLSearchParams) {
    members.body = new URLSearchParams(body);
    return true;
  }
  const isView = ArrayBuffer.isView(body);
  const buffer = isView ? body.buffer : body;
  // `fetch` itself decides about memory that is shared, resizable or transferred.
  if (!(buffer instanceof ArrayBuffer) || /** @type {any} */ (buffer).resizable || !buffer.byteLength) return false;
  members.body = isView ? buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) : buffer.slice(0);
  return true;
}

/**
 * Tells if a signal can be passed to `fetch` later. Otherwise `new Request` is called at once: it refuses objects that
 * are not signals, and with an aborted signal, wrong arguments have to be reported first.
 *
 * @param {any} signal
 */
function mayBePassedOn(signal) {
  return signal === undefined || signal === null || isSignal(signal) && !signal.aborted;
}

/** @param {Settings} settings */
function hasHooks({ hooks }) {
  return hooks.onRequest !== undefined || hooks.onResponse !== undefined;
}

/**
 * Replaces the mode `no-cors`, in which no token can be sent; within the own origin it is of no use.
 *
 * @param {Record<string, any>} members
 * @param {string | Request} input
 */
function avoidNoCors(members, input) {
  const { mode, referrer, referrerPolicy } = /** @type {Partial<Request>} */ (input);
  if ((members.mode ?? mode) !== 'no-cors') return;
  members.mode = 'same-origin';
  // A `Request` loses these two if it comes with an init.
  members.referrer ??= referrer;
  members.referrerPolicy ??= referrerPolicy;
}

/**
 * Adds the headers of the options.
 *
 * @param {Headers | undefined} headers
 * @param {Settings} settings
 * @returns true if the caller brings its own authorization
 */
function addDefaults(headers, { header, headers: defaults }) {
  if (!headers) return false;
  const isCallersOwn = headers.has(header);
  for (const [name, value] of defaults ?? []) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return isCallersOwn;
}
