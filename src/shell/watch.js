// Watches the page: it is hidden, frozen or shown again, the network comes back, another tab writes the storage.

import { releaseHeld } from './locks.js';
import { isDormant, isInPage } from './page.js';
import { forgetTokens } from './token.js';

import { weakly } from './weak.js';

/** @import { Platform } from './platform.js' */
/** @import { Session } from './session.js' */
/** @import { TokenStorage } from './public.js' */

const OF_THE_GLOBAL = ['storage', 'online', 'pageshow', 'pagehide'];
const OF_THE_DOCUMENT = ['visibilitychange', 'freeze'];

// The clients of this page, referred to weakly so that they can be collected.
/** @type {Set<WeakRef<Platform>>} */
const watched = new Set();

/** @type {FinalizationRegistry<WeakRef<Platform>> | undefined} */
let collected;

/**
 * Tells a client about changes of the page, until it is collected.
 * @param {Platform} platform
 */
export function watchPage(platform) {
  // Some runtimes of servers have no weak references; nothing happens to a page there.
  if (typeof WeakRef !== 'function') return;
  if (watched.size === 0) listen('addEventListener');
  const client = new WeakRef(platform);
  watched.add(client);
  collected ??= new FinalizationRegistry(leave);
  collected.register(platform, client);
}

/** The clients that are alive. */
export function livePlatforms() {
  return [...watched].map((client) => client.deref()).filter((platform) => platform !== undefined);
}

/**
 * Hears from a storage of the caller's own what others have changed there, for as long as its session is in use.
 *
 * @param {Session} session
 * @param {TokenStorage} storage
 */
export function heedStorage(session, storage) {
  const held = weakly(session);
  /** A storage may return something else. @type {unknown} */
  let leaveStorage;
  try {
    leaveStorage = storage.subscribe?.(() => {
      const heeded = held.deref();
      if (heeded) tellOfChange(heeded);
      else if (typeof leaveStorage === 'function') leaveStorage();
    });
  } catch {
    // Without notifications, changes there are noticed when the storage is read.
  }
}

/**
 * Reads the storage of a session, and tells its clients.
 * @param {Session} session
 */
export async function tellOfChange(session) {
  await session.storage.sync();
  for (const platform of livePlatforms()) {
    try {
      if (platform.session === session) platform.noticeChange(null);
    } catch {
      // It has trapped, and the next core has looked at the storage.
    }
  }
}

/** @param {WeakRef<Platform>} client */
function leave(client) {
  watched.delete(client);
  forgetTokens();
  if (watched.size === 0) listen('removeEventListener');
}

/** @param {'addEventListener' | 'removeEventListener'} act */
function listen(act) {
  if (!isInPage()) return;
  for (const type of OF_THE_GLOBAL) globalThis[act]?.(type, heed);
  for (const type of OF_THE_DOCUMENT) globalThis.document?.[act](type, heed);
}

/** @param {Event} event */
function heed(event) {
  const { type } = event;
  if (type === 'freeze') for (const { session } of livePlatforms()) session.record.close();
  if (type === 'pagehide' || type === 'freeze') return releaseHeld();
  if (type === 'visibilitychange' && isDormant()) return;
  for (const platform of livePlatforms()) {
    try {
      if (type !== 'storage') platform.wake();
      else platform.noticeChange(/** @type {StorageEvent} */ (event).key);
    } catch {
      // The module has trapped. Its successor has read the storage when it started.
    }
  }
}
