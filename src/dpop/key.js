// The key pair of a browser: made once, shared by its tabs through IndexedDB, and not extractable.

import { thumbprintOf } from './proof.js';

/** @typedef {{ pair: CryptoKeyPair, jkt: string }} Key */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const STORE = 'keys';

/** Keeps one key under a name. */
export class KeyStore {
  #name;
  /** @type {Promise<Key> | undefined} */
  #key;

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
    // A tab that has proved nothing yet has to know which key its sign-out deletes.
    this.#look();
  }

  /** Resolves to the key; makes it if there is none. */
  get() {
    this.#key ??= this.#find().catch((error) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  /**
   * Looks which key is stored now, since another tab may have replaced it. Where there is none, the known one stays.
   *
   * @returns {Promise<Key>}
   */
  async renew() {
    await this.#look();
    return this.get();
  }

  async #look() {
    const before = this.#key;
    const kept = await this.#stored();
    if (kept && this.#key === before) this.#key = Promise.resolve(kept);
  }

  /** Drops the key; deletes it, unless another tab has replaced it already. */
  async forget() {
    const dropped = this.#key;
    this.#key = undefined;
    const { jkt } = await dropped ?? {};
    await inStore((store, resolve) => {
      const found = store.get(this.#name);
      found.onsuccess = () => {
        if (found.result?.jkt === jkt) store.delete(this.#name);
        resolve(undefined);
      };
    }).catch(() => {});
  }

  async #find() {
    return await this.#stored() ?? this.#keep(await makeKey());
  }

  /** @returns {Promise<Key | undefined>} */
  #stored() {
    return inStore((store, resolve) => {
      const found = store.get(this.#name);
      found.onsuccess = () => resolve(found.result);
    }).catch(() => undefined);
  }

  /**
   * Stores a key, unless another tab was faster. Where there is no database, it lives as long as this page.
   *
   * @param {Key} made
   * @returns {Promise<Key>}
   */
  #keep(made) {
    return inStore((store, resolve) => {
      const found = store.get(this.#name);
      found.onsuccess = () => {
        if (!found.result) store.put(made, this.#name);
        resolve(found.result ?? made);
      };
    }).catch(() => made);
  }
}

/** @returns {Promise<Key>} */
async function makeKey() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign']);
  return { pair, jkt: await thumbprintOf(pair) };
}

/**
 * Calls `act` in a transaction; resolves once that is done, to what `act` resolves to.
 *
 * @param {(store: IDBObjectStore, resolve: (value: any) => void) => void} act
 * @returns {Promise<any>}
 */
async function inStore(act) {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, 'readwrite');
      /** @type {any} */
      let result;
      act(transaction.objectStore(STORE), (value) => { result = value; });
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tokenflight-dpop', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
