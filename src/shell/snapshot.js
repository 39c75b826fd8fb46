// The synchronous view of who is signed in: `api.session` and `api.subscribe`.

import { callListener } from './listeners.js';
import { claimsOf, expiresAt, subject } from './token.js';

/** @import { SessionSnapshot } from './public.js' */
/** @import { Platform } from './platform.js' */
/** @typedef {(session: SessionSnapshot) => unknown} Subscriber */

/** The snapshot of a session, and who is told when it changes. It keeps no token. */
export class SessionState {
  /** @type {SessionSnapshot | undefined} */
  #current;
  #epoch = 0;
  /** The snapshot that the subscribers know. @type {SessionSnapshot | undefined} */
  #told;
  /** @type {Set<{ tell: Subscriber }>} */
  #subscribers = new Set();

  /**
   * Returns the snapshot for this status and epoch: the same object until one of them changes.
   *
   * @param {SessionSnapshot['status']} status
   * @param {number} epoch
   * @param {string | null} token
   * @param {number} timeLeft of the token, in ms; NaN: not known
   */
  snapshot(status, epoch, token, timeLeft) {
    if (this.#current?.status !== status || this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#current = Object.freeze({
        status,
        subject: token && subject(token) || null,
        claims: token && claimsOf(token) || null,
        // A JWT names its end itself, so that this does not depend on when it is asked.
        expiresAt: token && expiresAt(token) || Math.round(Date.now() + timeLeft) || null,
      });
    }
    return this.#current;
  }

  /**
   * Returns the snapshot as it is now.
   * @param {Platform} platform
   */
  read(platform) {
    let now = platform.core.session(platform);
    if (now.status === 'unknown' && platform.isSlow()) {
      this.#lookInto(platform);
      now = platform.core.session(platform);
    }
    this.#told ??= now;
    return now;
  }

  /**
   * @param {Platform} platform
   * @param {Subscriber} tell
   * @returns {() => void} ends it
   */
  subscribe(platform, tell) {
    this.read(platform);
    const entry = { tell };
    this.#subscribers.add(entry);
    return () => { this.#subscribers.delete(entry); };
  }

  /**
   * Tells the subscribers, if the snapshot is another one once the code that runs now is through.
   * @param {Platform} platform
   */
  noticeChange(platform) {
    // Nobody has asked yet.
    if (!this.#told) return;
    queueMicrotask(() => {
      const before = this.#told;
      try {
        this.#told = platform.core.session(platform);
      } catch {
        // The module has trapped; the next one tells.
      }
      const now = this.#told;
      if (now && now !== before) for (const { tell } of [...this.#subscribers]) callListener(tell, now);
    });
  }

  /** Drops the snapshot: another core counts epochs of its own. */
  forget() { this.#current = undefined; }

  /**
   * Reads a storage of the caller's own: now, if it answers at once.
   * @param {Platform} platform
   */
  async #lookInto(platform) {
    if (!platform.peek()) await platform.sync();
    platform.noticeChange(null);
    this.noticeChange(platform);
  }
}
