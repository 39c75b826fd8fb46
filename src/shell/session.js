// The session: the state that all clients of one storage and its keys share in this page.

import { Listeners } from './listeners.js';
import { TabLocks } from './locks.js';
import { StorageMirror } from './mirror.js';
import { isInPage } from './page.js';
import { TabRecord } from './record.js';
import { SessionState } from './snapshot.js';
import { lineageIn, MEMORY, placeOf, TokenStorage } from './storage.js';
import { heedStorage } from './watch.js';
import { weakly } from './weak.js';

/** @import { Core, CustomStorage, Keys } from './platform-types.d.ts' */
/** @import { Observer } from './observe.js' */
/** @import { WebStorage } from './storage.js' */
/** @import { Settings } from './types.js' */

/** It holds no client strongly, so that each can be collected. */
export class Session {
  /** The core of one client, which the others join. @type {Core | undefined} */
  core;
  /** Resolves when the last flight that began has landed. @type {Promise<void> | undefined} */
  landing;
  listeners = new Listeners();
  /** @type {Set<Observer>} */
  observers = new Set();
  state = new SessionState();

  /**
   * @param {object} place
   * @param {Keys} keys
   * @param {Settings} settings
   */
  constructor(place, keys, { storage, isCookieSession }) {
    // Clients that present the same refresh token share the lock and the record, whatever their access tokens are.
    const name = isCookieSession ? keys.join(' ') : keys[1];
    this.keys = keys;
    this.storage = typeof storage === 'object'
      ? new StorageMirror(/** @type {CustomStorage} */ (place), keys)
      : new TokenStorage(place, keys);
    /** True if a duplicated tab has a copy of the tokens. */
    this.isCopied = storage === 'session' && place !== MEMORY;
    this.record = recordOf(place, name, storage);
    // Tabs whose access tokens are their own may share a refresh token: an HttpOnly cookie. On a server, other users'
    // sessions have the same name.
    this.locks = new TabLocks(isInPage() ? `tokenflight ${name}` : undefined);
  }
}

/**
 * The records of each place, by the refresh tokens that they are about.
 * @type {WeakMap<object, Map<string, TabRecord>>}
 */
export const records = new WeakMap();

/**
 * @param {object} place
 * @param {string} name
 * @param {Settings['storage']} asked
 */
function recordOf(place, name, asked) {
  if (place === MEMORY && !isInPage()) return new TabRecord(undefined);
  let known = records.get(place);
  if (!known) records.set(place, known = new Map());
  let record = known.get(name);
  if (!record) known.set(name, record = new TabRecord(recordKey(place, name, asked)));
  return record;
}

/**
 * The key of the record that other tabs read as well; none where they do not read the same tokens, or copies of them.
 *
 * @param {object} place
 * @param {string} name
 * @param {Settings['storage']} asked
 */
function recordKey(place, name, asked) {
  if (place === MEMORY || asked === 'memory') return undefined;
  if (typeof asked === 'object') return asked.shared ? `shared ${name}` : undefined;
  return asked === 'local' ? name : lineageIn(/** @type {WebStorage} */ (place), name);
}

/**
 * The sessions of each place, by their keys.
 * @type {WeakMap<object, Map<string, { deref(): Session | undefined }>>}
 */
const sessions = new WeakMap();

/**
 * The session of the storage and keys that the settings name; begins where no client has it yet.
 *
 * @param {Settings} settings
 * @param {Core} core
 * @returns {Session}
 */
export function openSession(settings, core) {
  const { storage, accessTokenKey, refreshTokenKey } = settings;
  /** @type {Keys} */
  const keys = [accessTokenKey, refreshTokenKey];
  const place = placeOf(storage, core);
  // A server that makes a client for each request must not send one user's token for another.
  if (place === MEMORY && !isInPage()) return new Session(place, keys, settings);
  let known = sessions.get(place);
  if (!known) sessions.set(place, known = new Map());
  for (const [name, session] of known) if (!session.deref()) known.delete(name);
  const name = JSON.stringify(keys);
  let session = known.get(name)?.deref();
  if (!session) {
    session = new Session(place, keys, settings);
    known.set(name, weakly(session));
    if (typeof storage === 'object') heedStorage(session, storage);
  }
  return session;
}
