// Helpers that pages and workers share: an api that remembers what it hears, and requests.

import { createApi } from '/tokenflight/index.js';
import { databaseStorage } from '/database.js';
import { userStorage } from '/user.js';

const OWN = { database: databaseStorage, user: userStorage };
const EVENTS = ['tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged'];

/**
 * An api for the server of the tests, and what it has heard and logged. `storage: 'database'` and `'user'` are of the
 * caller's own; `callback` replaces the navigation.
 */
export function begin({ storage, callback = false, ...options } = {}, create = createApi) {
  const heard = [];
  const signedOut = [];
  const api = create({
    baseURL: '/api',
    ...options,
    ...(storage && { storage: OWN[storage]?.() ?? storage }),
    ...(callback && { onSignedOut: ({ reason }) => signedOut.push(reason) }),
  });
  for (const type of EVENTS) api.on(type, () => heard.push(type));
  return { api, heard, signedOut };
}

/** Sends `count` requests at once; what becomes of each is its status, or the code of its error. */
export function send(api, count = 1) {
  return Promise.all(Array.from({ length: count }, async (_, n) => {
    try {
      return (await api.fetch(`/ping/${n}`)).status;
    } catch (error) {
      return error.code ?? error.name;
    }
  }));
}
