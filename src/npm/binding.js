// What the bindings of all frameworks have in common.

/** What a server renders, and a page until it has taken over from that: no user's session is known there. */
export const UNKNOWN = Object.freeze({ status: 'unknown', subject: null, claims: null, expiresAt: null });

/** Throws unless this is an api: a framework would report it from somewhere inside. */
export function requireApi(api) {
  if (typeof api?.subscribe !== 'function' || !('session' in api)) {
    throw new TypeError('useSession: expected the api that createApi has returned, as in useSession(api).');
  }
}
