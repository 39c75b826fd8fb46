// The lock between the tabs: Web Locks.

import { startTimer } from './clock.js';

// The locks that are requested or held in this page.
/** @type {Set<LockRequest>} */
const requests = new Set();

/** Releases the locks that are held: the page is put away or frozen, and other tabs must not wait for it. */
export function releaseHeld() {
  for (const request of [...requests]) if (request.isHeld()) request.release();
}

/** Releases every lock and request: the instance that made them has trapped. */
export function releaseAll() {
  for (const request of [...requests]) request.release();
}

/** The locks of one session. */
export class TabLocks {
  #name;

  /** @param {string | undefined} name what they begin with; none where nobody else reads the same tokens */
  constructor(name) {
    this.#name = name;
  }

  /** @param {number} generation */
  request(generation) { return new LockRequest(this, this.#name && `${this.#name} ${generation}`); }

  /** Ends the waits for them: there may be nothing left to do under the lock. */
  wake() {
    for (const request of requests) if (request.locks === this) request.wake();
  }
}

/** One lock: asked for, then held until it is released or the page is put away. */
class LockRequest {
  /** @type {'waiting' | 'held' | 'missing' | 'over'} */
  #state = 'waiting';
  #withdrawal = new AbortController();
  #letGo = () => {};
  #wake = () => {};

  /**
   * @param {TabLocks} locks
   * @param {string | undefined} name
   */
  constructor(locks, name) {
    this.locks = locks;
    requests.add(this);
    this.#ask(name);
  }

  isHeld() { return this.#state === 'held'; }

  /** Tells if tabs cannot lock each other out here: there are no Web Locks. */
  isMissing() { return this.#state === 'missing'; }

  /**
   * Waits until the lock is granted or known to be missing, until somebody calls {@link LockRequest.wake}, and no
   * longer than `patience`.
   *
   * @param {number} patience in ms
   * @returns {Promise<void>}
   */
  async wait(patience) {
    if (this.#state !== 'waiting') return;
    await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const timer = startTimer(resolve, patience);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake() { this.#wake(); }

  /** Lets the lock go, or withdraws the request for it. */
  release() {
    this.#end('over');
    this.#letGo();
    this.#withdrawal.abort();
  }

  /** @param {string | undefined} name */
  async #ask(name) {
    try {
      if (name !== undefined) {
        const { signal } = this.#withdrawal;
        await navigator.locks.request(name, { signal }, () => this.#hold());
      }
    } catch {
      // It was denied, as in a page without an origin; or withdrawn, or stolen.
    }
    if (this.#state !== 'over') this.#end(this.isHeld() ? 'over' : 'missing');
  }

  /** @returns {Promise<void>} */
  #hold() {
    return new Promise((resolve) => {
      // A lock that was granted just as it was withdrawn is released at once.
      if (this.#state !== 'waiting') return resolve();
      this.#letGo = resolve;
      this.#state = 'held';
      this.#wake();
    });
  }

  /** @param {'missing' | 'over'} state */
  #end(state) {
    this.#state = state;
    requests.delete(this);
    this.#wake();
  }
}
