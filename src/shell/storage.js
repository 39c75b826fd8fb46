// Where the tokens are: `localStorage`, `sessionStorage`, memory, or the caller's own storage.

import { warn, warnOnce } from './console.js';
import { isInPage } from './page.js';
import { isToken } from './token.js';

/** @import { Core, Slot, Keys } from './platform-types.d.ts' */
/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} WebStorage */

const IN_MEMORY = 'tokens are kept in memory and end with this page.';

/** Identifies the session in this page's memory. */
export const MEMORY = {};

/** Holds what a `Storage` would, for as long as somebody holds it. */
class Memory {
  /** @type {Map<string, string>} */
  #held = new Map();

  /** @param {string} key */
  getItem(key) { return this.#held.get(key) ?? null; }

  /** @param {string} key @param {string} value */
  setItem(key, value) { this.#held.set(key, value); }

  /** @param {string} key */
  removeItem(key) { this.#held.delete(key); }
}

/**
 * The storage that the option asks for; memory where it is denied or missing.
 *
 * @param {'local' | 'session' | 'memory' | object} asked
 * @param {Core} core
 * @returns {object}
 */
export function placeOf(asked, core) {
  if (typeof asked === 'object') return asked;
  // Node has the property without a page, and warns of whoever reads it; other servers keep all users' in one. Workers
  // have none.
  if (asked === 'memory' || !globalThis.document || !isInPage()) return MEMORY;
  const name = asked === 'local' ? 'localStorage' : 'sessionStorage';
  try {
    // The property itself can throw.
    const storage = globalThis[name];
    if (storage === undefined) return MEMORY;
    // Where the global object only resembles a window (jsdom), Rust would not find one.
    const isWindow = typeof Window === 'function' && globalThis instanceof Window;
    if (storage) return isWindow ? core.storage(asked === 'session') : storage;
  } catch {
    // It is denied.
  }
  warnOnce(`tokenflight: ${name} is not available; ${IN_MEMORY}`);
  return MEMORY;
}

/**
 * Returns what the `sessionStorage` of a tab shares with those of its duplicates, for as long as they live; nothing where
 * it is full.
 *
 * @param {WebStorage} storage
 * @param {string} name
 */
export function lineageIn(storage, name) {
  const key = `tokenflight ${name}`;
  try {
    const known = storage.getItem(key);
    if (!known) storage.setItem(key, `${key} ${Math.random()}`);
    return known ?? storage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Returns the function to call when a storage has failed; it warns of the first time. */
export function onceWarned() {
  let hasWarned = false;
  return () => {
    if (hasWarned) return;
    hasWarned = true;
    warn(`tokenflight: the token storage failed (denied, full, or no answer within 5 s); ${IN_MEMORY}`);
  };
}

/**
 * `value` as a storage holds it, if it is a token.
 * @param {unknown} value
 */
export function tokenIn(value) {
  if (!isToken(value)) return null;
  if (value.startsWith('"')) {
    warnOnce('tokenflight: the stored token stands in quotes, as JSON.stringify writes it, and is sent with them. Give the '
      + 'option `storage` an object that reads and writes it as your code does.');
  }
  return value;
}

/**
 * The tokens in a storage that answers at once.
 *
 * A token that it refuses to take is kept here as a shadow, for as long as it holds what it held when it refused.
 */
export class TokenStorage {
  #storage;
  #keys;
  /** @type {({ over: string | null, value: string | null } | undefined)[]} */
  #shadows = [];
  #hasFailed = onceWarned();

  /**
   * @param {object} place
   * @param {Keys} keys
   */
  constructor(place, keys) {
    this.#storage = /** @type {WebStorage} */ (place === MEMORY ? new Memory() : place);
    this.#keys = keys;
  }

  /** @param {Slot} slot */
  read(slot) {
    const held = this.#held(slot);
    const shadow = this.#shadows[slot];
    if (shadow && shadow.over === held) return shadow.value;
    this.#shadows[slot] = undefined;
    return tokenIn(held);
  }

  /**
   * @param {Slot} slot
   * @param {string | null} value
   */
  write(slot, value) {
    this.#shadows[slot] = undefined;
    try {
      if (value === null) this.#storage.removeItem(this.#keys[slot]);
      else this.#storage.setItem(this.#keys[slot], value);
    } catch {
      this.#hasFailed();
      this.#shadows[slot] = { over: this.#held(slot), value };
    }
  }

  isSlow() { return false; }

  async sync() {}

  async flush() {}

  /** @param {Slot} slot */
  #held(slot) {
    try {
      return this.#storage.getItem(this.#keys[slot]);
    } catch {
      this.#hasFailed();
      return null;
    }
  }
}
