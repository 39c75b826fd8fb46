// Shared by the bindings of all frameworks.

/** Rendered on a server, where no user's session is known, and in a page until it has taken over from that. */
export const UNKNOWN = Object.freeze({ status: 'unknown', subject: null, claims: null, expiresAt: null });

/** Throws unless this is an api: a framework would report it from somewhere inside. */
export function requireApi(api) {
  if (typeof api?.subscribe !== 'function' || !('session' in api)) {
    throw new TypeError('useSession: expected the api that createApi has returned, as in useSession(api).');
  }
}
