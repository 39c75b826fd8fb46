// Mirrors a storage of the caller's own, which may answer later.

import { isThenable, whileRunning } from './clock.js';
import { onceWarned, tokenIn } from './storage.js';

/** @import { Slot, Keys, CustomStorage } from './platform-types.d.ts' */

// In ms of running time. A storage that takes longer has failed: one that never answers would hold up every request.
const STORAGE_PATIENCE = 5000;

// The same until it answers again: a refresh asks a dozen times.
const BRIEF_PATIENCE = 250;

/**
 * Holds the tokens of a storage that answers later.
 *
 * Reads and writes go through one queue, so that the storage performs them in order. A written token is visible here at
 * once; until the storage has taken it, what the storage returns is ignored.
 */
export class StorageMirror {
  #storage;
  #keys;
  /** @type {(string | null)[]} */
  #known = [null, null];
  /** The last write of each slot, until the storage has taken it: for ever, where it refuses. @type {unknown[]} */
  #pending = [];
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  /** The sync that has not begun, and that nothing was written after. @type {Promise<void> | undefined} */
  #next;
  #patience = STORAGE_PATIENCE;
  #hasFailed = onceWarned();

  /**
   * @param {CustomStorage} storage
   * @param {Keys} keys
   */
  constructor(storage, keys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  /** @param {Slot} slot */
  read(slot) { return this.#known[slot]; }

  /**
   * @param {Slot} slot
   * @param {string | null} value
   */
  write(slot, value) {
    const write = {};
    this.#known[slot] = value;
    this.#pending[slot] = write;
    this.#next = undefined;
    this.#enqueue(async () => {
      // A write that another one follows is skipped: the session has ended meanwhile, or there is a newer token.
      if (this.#pending[slot] !== write) return;
      const key = this.#keys[slot];
      await (value === null ? this.#storage.remove(key) : this.#storage.set(key, value));
      if (this.#pending[slot] === write) this.#pending[slot] = undefined;
    });
  }

  isSlow() { return true; }

  /**
   * Reads both tokens now, in the order of {@link sync}. Returns false where the storage answers later, or throws.
   */
  peek() {
    try {
      return this.#peekAt(1) && this.#peekAt(0);
    } catch {
      return false;
    }
  }

  /** @param {Slot} slot */
  #peekAt(slot) {
    const value = this.#storage.get(this.#keys[slot]);
    const isLate = isThenable(value);
    if (isLate) Promise.resolve(value).catch(() => {});
    else this.#learn(slot, value);
    return !isLate;
  }

  /** Waits until everything before is done, then reads both tokens. */
  sync() {
    this.#next ??= this.#enqueue(async (isLate) => {
      this.#next = undefined;
      await Promise.all(/** @type {Slot[]} */ ([1, 0]).map(async (slot) => {
        const value = await this.#storage.get(this.#keys[slot]);
        if (!isLate()) this.#learn(slot, value);
      }));
    });
    return this.#next;
  }

  /**
   * @param {Slot} slot
   * @param {unknown} value
   */
  #learn(slot, value) {
    if (this.#pending[slot] === undefined) this.#known[slot] = tokenIn(value);
  }

  flush() { return this.#queue; }

  /** @param {(isLate: () => boolean) => Promise<void>} act */
  #enqueue(act) {
    let isLate = false;
    const answered = () => act(() => isLate).then(() => { this.#patience = STORAGE_PATIENCE; });
    this.#queue = this.#queue.then(() => whileRunning(answered(), this.#patience)).catch(() => {
      isLate = true;
      this.#patience = BRIEF_PATIENCE;
      this.#hasFailed();
    });
    return this.#queue;
  }
}
