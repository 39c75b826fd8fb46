// The session: the state that all clients of one storage and its keys share in this page.

import { Listeners } from './listeners.js';
import { TabLocks } from './locks.js';
import { StorageMirror } from './mirror.js';
import { isInPage } from './page.js';
import { TabRecord } from './record.js';
import { MEMORY, placeOf, TokenStorage } from './storage.js';
import { weakly } from './weak.js';

/** @import { Core, CustomStorage, Keys } from './platform-types.d.ts' */
/** @import { Settings } from './types.js' */

/** It holds no client strongly, so that each can be collected. */
export class Session {
  /** The core of one client, which the others join. @type {Core | undefined} */
  core;
  /** Resolves when the last flight that began has landed. @type {Promise<void> | undefined} */
  landing;
  listeners = new Listeners();

  /**
   * @param {object} place
   * @param {Keys} keys
   * @param {Settings['storage']} asked
   */
  constructor(place, keys, asked) {
    const name = keys.join(' ');
    this.keys = keys;
    this.storage = typeof asked === 'object'
      ? new StorageMirror(/** @type {CustomStorage} */ (place), keys)
      : new TokenStorage(place, keys);
    this.record = new TabRecord(asked === 'local' && place !== MEMORY ? name : undefined);
    // Tabs whose access tokens are their own may share a refresh token: an HttpOnly cookie. On a server, other users'
    // sessions have the same name.
    this.locks = new TabLocks(isInPage() ? `tokenflight ${name}` : undefined);
  }
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
export function openSession({ storage, accessTokenKey, refreshTokenKey }, core) {
  /** @type {Keys} */
  const keys = [accessTokenKey, refreshTokenKey];
  const place = placeOf(storage, core);
  // A server that makes a client for each request must not send one user's token for another.
  if (place === MEMORY && !isInPage()) return new Session(place, keys, storage);
  let known = sessions.get(place);
  if (!known) sessions.set(place, known = new Map());
  for (const [name, session] of known) if (!session.deref()) known.delete(name);
  const name = JSON.stringify(keys);
  let session = known.get(name)?.deref();
  if (!session) {
    session = new Session(place, keys, storage);
    known.set(name, weakly(session));
  }
  return session;
}
