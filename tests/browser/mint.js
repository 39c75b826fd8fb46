// A token server in the page: tokens whose lifetimes are exact, by a clock that is right whatever `Date.now` says.

const now = () => (performance.timeOrigin + performance.now()) / 1000;

const base64url = (value) => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A JWT with these claims; nobody verifies its signature here. */
export const jwt = (claims) => `${base64url({ alg: 'none' })}.${base64url(claims)}.signature`;

/**
 * Issues access tokens that live for `ttl` seconds, answers requests that bring one, and refreshes. `opaque`: the
 * tokens themselves do not say how long they live.
 */
export function tokenServer({ ttl, opaque = false }) {
  const ends = new Map();
  const counts = { requests: 0, unauthorized: 0, refreshes: 0 };
  const server = {
    counts,
    /** The errors that the next refreshes throw, one each. */
    faults: [],
    /** A token of which only `left` seconds are left. */
    mint(left = ttl) {
      const end = now() + left;
      const serial = ends.size + 1;
      const token = opaque ? `opaque ${serial}` : jwt({ sub: 'ada', serial, iat: end - ttl, exp: end });
      ends.set(token, end);
      return token;
    },
    /** From now on no token is accepted that was issued before. */
    expire: () => ends.forEach((_, token) => ends.set(token, 0)),
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers ?? input.headers);
      const token = headers.get('Authorization')?.replace('Bearer ', '');
      counts.requests += 1;
      const isGood = (ends.get(token) ?? 0) > now();
      if (!isGood) counts.unauthorized += 1;
      return new Response(token, { status: isGood ? 200 : 401 });
    },
    refresh: async () => {
      counts.refreshes += 1;
      if (server.faults.length > 0) throw server.faults.shift();
      const tokens = { accessToken: server.mint(), refreshToken: `refresh ${counts.refreshes}` };
      return opaque ? { ...tokens, expiresIn: ttl } : tokens;
    },
  };
  return server;
}

/**
 * The api of a page that is loaded while `accessToken` is in `localStorage`, with a session of its own.
 */
export function loadPage(createApi, server, accessToken, options = {}) {
  const id = crypto.randomUUID();
  const keys = { accessTokenKey: `access ${id}`, refreshTokenKey: `refresh ${id}` };
  localStorage.setItem(keys.refreshTokenKey, `refresh ${id}`);
  localStorage.setItem(keys.accessTokenKey, accessToken);
  const signedOut = [];
  const onSignedOut = ({ reason }) => signedOut.push(reason);
  const { fetch, refresh } = server;
  const api = createApi({ ...keys, fetch, refresh, onSignedOut, retryDelay: 10, ...options });
  const heard = [];
  for (const type of ['tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged']) {
    api.on(type, () => heard.push(type));
  }
  return { api, keys, heard, signedOut, stored: () => localStorage.getItem(keys.accessTokenKey) };
}
