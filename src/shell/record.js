// The record that tabs share, in IndexedDB: the only store of a page that is ordered with Web Locks.

import { whileRunning } from './clock.js';

/** @import { Task } from './platform-types.d.ts' */
/** @typedef {(stored: Float64Array | undefined) => Float64Array | null | undefined} Act */

const DATABASE = 'tokenflight';
const RECORDS = 'records';

// A record of another version reads as none: the upgrade drops them.
const VERSION = 2;

// In ms of running time. A database that does not answer for so long is done without, for as long as the page lives.
const DATABASE_PATIENCE = 5000;

/** Where the record of one session is. */
export class TabRecord {
  #key;
  /** @type {IDBDatabase | undefined} */
  #database;
  /** The record as this page has left it. @type {Float64Array | undefined} */
  #own;

  /** @param {string | undefined} key its key in the database; none where no other tab reads the same tokens */
  constructor(key) {
    this.#key = key;
  }

  /** Tells if other tabs read the same record. */
  isShared() { return this.#key !== undefined; }

  /**
   * Hands the record to the task while no other tab has it, and stores what it returns. It does not fail: where no
   * database can be had, the record is this page's own. The task is not called before this has returned.
   *
   * @param {Task} task
   */
  async exclusively(task) {
    let isOver = false;
    let hasTrapped = false;
    /** @type {Act} */
    const act = (stored) => {
      // It was too late, and the task has had another record.
      if (isOver) return undefined;
      isOver = true;
      hasTrapped = true;
      const left = task.onRecord(stored);
      hasTrapped = false;
      this.#own = left === undefined ? stored : left ?? undefined;
      return left;
    };
    if (this.#key !== undefined) {
      try {
        await whileRunning(this.#inDatabase(this.#key, act), DATABASE_PATIENCE);
        return;
      } catch {
        // Whoever waits knows, and the database is as good as before.
        if (hasTrapped) return;
        this.#key = undefined;
      }
    }
    await undefined;
    act(this.#own);
  }

  /**
   * @param {string} key
   * @param {Act} act
   */
  async #inDatabase(key, act) {
    let transaction = this.#database && begin(this.#database);
    if (!transaction) {
      // There was none yet, or the browser has closed it.
      this.#database = await openDatabase();
      transaction = begin(this.#database);
    }
    if (!transaction) throw undefined;
    await transact(transaction, key, act);
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
  // Whoever deletes the database is not held up.
  result.addEventListener('versionchange', () => result.close());
  return result;
}

/**
 * A transaction; none where the database has been closed.
 * @param {IDBDatabase} database
 */
function begin(database) {
  try {
    // It has to be ordered; whether it outlives a power failure does not matter.
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
 * Waits for one of two events; the second one is the bad end.
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
