// The record that tabs share, in IndexedDB: the only store of a page that is ordered with Web Locks.

import { now, whileRunning } from './clock.js';

/** @import { Task } from './platform-types.d.ts' */
/** @typedef {(stored: Float64Array | undefined) => Float64Array | null | undefined} Act */

const DATABASE = 'tokenflight';
const RECORDS = 'records';

// A record of another version reads as none: the upgrade drops them.
const VERSION = 3;

// In ms of running time. A database that does not answer for so long is done without, for a while.
const DATABASE_PATIENCE = 5000;

// In ms. A frozen page may have held up its deletion, and with that everybody who opens it.
const DATABASE_REST = 30_000;

/** Keeps the record of one session. */
export class TabRecord {
  #key;
  /** @type {IDBDatabase | undefined} */
  #database;
  /** The record as this page has left it. @type {Float64Array | undefined} */
  #own;
  /** When the database is asked again, by {@link now}. */
  #restsUntil = 0;

  /** @param {string | undefined} key its key in the database; none where no other tab reads the same tokens */
  constructor(key) {
    this.#key = key;
  }

  /** Tells if other tabs read the same record. */
  isShared() { return this.#key !== undefined && now() >= this.#restsUntil; }

  /**
   * Hands the record to the task while no other tab has it, and stores what it returns. It does not fail: without a
   * database, the record is this page's own. The task is never called synchronously.
   *
   * @param {Task} task
   */
  async exclusively(task) {
    let isOver = false;
    let hasTrapped = false;
    /** @type {Act} */
    const act = (stored) => {
      // The database answered too late: the task has already had the page's own record.
      if (isOver) return undefined;
      isOver = true;
      hasTrapped = true;
      const left = task.onRecord(stored);
      hasTrapped = false;
      this.#own = left === undefined ? stored : left ?? undefined;
      return left;
    };
    if (this.isShared()) {
      try {
        await whileRunning(this.#inDatabase(act), DATABASE_PATIENCE);
        return;
      } catch {
        // The task has failed, not the database: its driver hears of it.
        if (hasTrapped) return;
        this.#restsUntil = now() + DATABASE_REST;
      }
    }
    await undefined;
    act(this.#own);
  }

  /** Lets others delete or upgrade the database. It is opened again when it is needed. */
  close() { this.#database?.close(); }

  /** @param {Act} act */
  async #inDatabase(act) {
    let transaction = this.#database && begin(this.#database);
    if (!transaction) {
      // There was none yet, or the browser has closed it.
      this.#database = await openDatabase();
      transaction = begin(this.#database);
    }
    if (!transaction) throw undefined;
    await transact(transaction, /** @type {string} */ (this.#key), act);
  }
}

/** @returns {Promise<IDBDatabase>} */
async function openDatabase() {
  const request = indexedDB.open(DATABASE, VERSION);
  request.addEventListener('upgradeneeded', () => {
    const { result } = request;
    for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
    result.createObjectStore(RECORDS);
  });
  await ended(request, 'success', 'error');
  const { result } = request;
  // Closing lets another tab delete the database.
  result.addEventListener('versionchange', () => result.close());
  return result;
}

/**
 * A transaction; none where the database has been closed.
 * @param {IDBDatabase} database
 */
function begin(database) {
  try {
    // The order matters; surviving a power failure does not.
    return database.transaction(RECORDS, 'readwrite', { durability: 'relaxed' });
  } catch {
    return undefined;
  }
}

/**
 * @param {IDBTransaction} transaction
 * @param {string} key
 * @param {Act} act
 */
function transact(transaction, key, act) {
  const store = transaction.objectStore(RECORDS);
  const request = store.get(key);
  request.addEventListener('success', () => {
    try {
      const { result } = request;
      const left = act(result instanceof Float64Array ? result : undefined);
      if (left) store.put(left, key);
      else if (left === null) store.delete(key);
    } catch {
      transaction.abort();
    }
  });
  return ended(transaction, 'complete', 'abort');
}

/**
 * Resolves at the first of two events, and rejects at the second.
 *
 * @param {EventTarget} target
 * @param {string} good
 * @param {string} bad
 */
function ended(target, good, bad) {
  return new Promise((resolve, reject) => {
    target.addEventListener(good, resolve);
    target.addEventListener(bad, reject);
  });
}
