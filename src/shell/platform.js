// One client's side of the browser, as Rust calls it. Nothing here throws, and no promise rejects but those of
// requests and of tasks.

import { aboutNow, now, rest, sleep, wallClock } from './clock.js';
import { drive } from './drive.js';
import { RefreshUnavailableError, SessionChangedError, SignInRequiredError } from './errors.js';
import { forgetLogin, goToLogin } from './login.js';
import { observe } from './observe.js';
import { isDormant } from './page.js';
import { Refresher } from './refresher.js';
import { tellSignOut } from './farewell.js';
import { logDebug } from './console.js';
import { forgetTokens } from './token.js';
import { livePlatforms } from './watch.js';

/** @import { Background } from './background.js' */
/** @import { StorageMirror } from './mirror.js' */
/** @import { Core, Slot } from './platform-types.d.ts' */
/** @import { Session } from './session.js' */
/** @import { Driver, Outgoing, Settings, Task, Transport } from './types.js' */

export class Platform {
  /** The one place that holds it: after a trap it is another one. @type {Core} */
  core = /** @type {any} */ (undefined);
  /** Keeps the token fresh, where that is asked for. @type {Background | undefined} */
  background;
  /** Until the server has heard of the last sign-out. @type {Promise<void> | undefined} */
  farewell;

  /**
   * @param {Settings} settings
   * @param {Session} session
   * @param {Transport} transport
   */
  constructor(settings, session, transport) {
    this.settings = settings;
    this.session = session;
    this.transport = transport;
    this.refresher = new Refresher(settings, transport, session);
  }

  // Events of the page

  wake() {
    this.core.wake(this);
    if (!isDormant()) this.background?.refresh();
  }

  /** @param {string | null} key what another tab has written; null when it has cleared the storage */
  noticeChange(key) {
    if (key === null || this.session.keys.includes(key)) this.core.noticeChange(this);
  }

  // The storage, as far as this page knows it

  /** @param {Slot} slot */
  read(slot) { return this.#holds(slot) ? this.session.storage.read(slot) : null; }

  /** @param {Slot} slot @param {string | null} token */
  write(slot, token) {
    if (this.#holds(slot)) this.session.storage.write(slot, token);
  }

  isSlow() { return this.session.storage.isSlow(); }

  /** Reads a storage of the caller's own now; no other is slow. */
  peek() { return /** @type {StorageMirror} */ (this.session.storage).peek(); }

  sync() { return this.session.storage.sync(); }

  flush() { return this.session.storage.flush(); }

  /** With an HttpOnly access token there is no refresh token in the storage. @param {Slot} slot */
  #holds(slot) { return slot === 0 || !this.settings.isCookieSession; }

  // The other tabs

  isRecordShared() { return this.session.record.isShared(); }

  isStorageCopied() { return this.session.isCopied; }

  /** @param {Driver} driver */
  exclusively({ task }) { return this.session.record.exclusively(task); }

  /** @param {number} generation */
  lock(generation) { return this.session.locks.request(generation); }

  /** Wakes everybody who depends on the epoch: another access token is the current one. */
  epochChanged() {
    this.session.locks.wake();
    this.session.state.noticeChange(this);
    // Not before Rust has returned.
    queueMicrotask(() => {
      for (const { session, background } of livePlatforms()) if (session === this.session) background?.plan();
    });
  }

  /** @param {any} status @param {number} epoch @param {string | null} token @param {number} timeLeft */
  snapshot(status, epoch, token, timeLeft) { return this.session.state.snapshot(status, epoch, token, timeLeft); }

  // Time and chance

  now = now;
  aboutNow = aboutNow;
  wallClock = wallClock;
  random = Math.random;
  sleep = sleep;
  rest = rest;

  // Requests

  /** @param {Outgoing} request @param {string | null} token */
  send(request, token) {
    return observe(this.session, 'attempt', request, this.transport.send(request, token));
  }

  /** @param {Response} response */
  isUnauthorized(response) {
    try {
      return this.transport.isUnauthorized(response);
    } catch {
      return false;
    }
  }

  /** @param {string | null} refreshToken */
  ask(refreshToken) { return this.refresher.ask(refreshToken); }

  // Events

  /** @param {string} token */
  tokenRefreshed(token) {
    this.session.listeners.tell({
      type: 'tokenRefreshed', accessToken: this.settings.isCookieSession ? null : token,
    });
  }

  /** @param {boolean} isRefused */
  signedOut(isRefused) {
    forgetTokens();
    for (const { transport } of livePlatforms()) transport.forget();
    this.session.listeners.tell({ type: 'signedOut', reason: reasonOf(isRefused) });
  }

  /** @param {unknown} error */
  refreshUnavailable(error) { this.session.listeners.tell({ type: 'refreshUnavailable', error }); }

  sessionChanged() {
    forgetLogin();
    this.session.listeners.tell({ type: 'sessionChanged' });
  }

  /** @param {boolean} isRefused */
  goToLogin(isRefused) { return goToLogin(this.settings, reasonOf(isRefused)); }

  /** @param {string | null} accessToken @param {string | null} refreshToken */
  tellSignOut(accessToken, refreshToken) {
    this.farewell = tellSignOut(this.settings, this.transport, accessToken, refreshToken);
  }

  // Errors

  /** @param {string} what @param {string} why @param {string} remedy @param {unknown} cause */
  signInRequiredError(what, why, remedy, cause) {
    return new SignInRequiredError(what + why + remedy, causedBy(cause));
  }

  /** @param {string} what @param {string} why @param {string} remedy @param {number} retryAfter @param {unknown} cause */
  refreshUnavailableError(what, why, remedy, retryAfter, cause) {
    return new RefreshUnavailableError(what + why + remedy, { ...causedBy(cause), retryAfter });
  }

  /** @param {string} what @param {string} remedy */
  sessionChangedError(what, remedy) { return new SessionChangedError(what + remedy); }

  /**
   * @param {Outgoing | undefined} request the refresh, where there is none
   * @param {string} when what the time says, where that stands before the text
   * @param {number} ms NaN: no time
   * @param {string} text
   */
  log(request, when, ms, text) {
    const time = Number.isNaN(ms) ? '' : ` ${Math.trunc(ms)} ms`;
    logDebug(() => {
      const whom = request?.describe() ?? 'the refresh';
      return when ? `tokenflight: ${whom}, ${when}${time}: ${text}` : `tokenflight: ${whom}: ${text}${time}`;
    });
  }

  /**
   * Drives work of Rust's that belongs to no caller; begins when Rust has returned.
   * @param {Task} task
   */
  async drive(task) {
    await undefined;
    return drive(task);
  }

  /** The same, where nobody waits for it. @param {Task} task */
  spawn(task) { this.drive(task).catch(() => {}); }

  /** @param {Promise<void>} landing of the flight that begins */
  setLanding(landing) { this.session.landing = landing; }

  landing() { return this.session.landing; }
}

/** @param {boolean} isRefused */
const reasonOf = (isRefused) => (isRefused ? 'refused' : 'signOut');

/** @param {unknown} cause */
const causedBy = (cause) => (cause === undefined ? {} : { cause });
