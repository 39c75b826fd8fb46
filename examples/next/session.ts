// The session of one request, on the server. docs/ssr.md explains it.

import { createApi } from 'tokenflight';

const NAMES = ['access_token', 'refresh_token'] as const;

/** The attributes of both cookies. Some browsers take secure ones from https alone, and `npm start` is http. */
const COOKIE = {
  httpOnly: true, secure: process.env.NODE_ENV === 'production', sameSite: 'lax', path: '/', maxAge: 30 * 24 * 60 * 60,
} as const;

/** Milliseconds for which a refresh token leads to the tokens that have replaced it. */
const GRACE = 60_000;

/** By refresh token: only who presents it gets what it leads to. In the order of `until`. */
const recent = new Map<string, { tokens: Tokens; until: number }>();

/** The tokens of one session, which the apis of its requests share. */
class Tokens {
  #held = new Map<string, string>();

  constructor(accessToken: string | null, refreshToken: string | null) {
    if (accessToken) this.#held.set('access_token', accessToken);
    if (refreshToken) this.#held.set('refresh_token', refreshToken);
  }

  get(name: string): string | null {
    return this.#held.get(name) ?? null;
  }

  set(name: string, value: string): void {
    const replaced = this.get(name);
    this.#held.set(name, value);
    if (name !== 'refresh_token') return;
    if (replaced) keep(replaced, this);
    keep(value, this);
  }

  remove(name: string): void {
    this.#held.delete(name);
  }
}

function keep(refreshToken: string, tokens: Tokens): void {
  const now = Date.now();
  recent.delete(refreshToken);
  recent.set(refreshToken, { tokens, until: now + GRACE });
  for (const [old, { until }] of recent) {
    if (until > now) break;
    recent.delete(old);
  }
}

function tokensOf(accessToken: string | null, refreshToken: string | null): Tokens {
  const known = refreshToken ? recent.get(refreshToken) : undefined;
  const tokens = known && known.until > Date.now() ? known.tokens : new Tokens(accessToken, refreshToken);
  if (refreshToken && tokens.get('refresh_token') === refreshToken) keep(refreshToken, tokens);
  return tokens;
}

/** The session of one request. `read` returns the value of a cookie that came with it. */
export function openSession(read: (name: string) => string | undefined) {
  const accessToken = read('access_token') || null;
  const refreshToken = read('refresh_token') || null;
  const brought = { access_token: accessToken, refresh_token: refreshToken };
  let held = tokensOf(accessToken, refreshToken);
  const api = createApi({
    baseURL: process.env.API_URL ?? 'http://localhost:4000',
    storage: held,
    accessTokenKey: 'access_token',
    refreshTokenKey: 'refresh_token',
    signOutURL: '/sign-out',
    onSignedOut() {},
  });

  /** The cookies to set, since the browser has others. One that is to go is empty, and ends at once. */
  const changes = () => NAMES.filter((name) => held.get(name) !== brought[name]).map((name) => {
    const value = held.get(name);
    return { name, value: value ?? '', options: value ? COOKIE : { ...COOKIE, maxAge: 0 } };
  });

  /**
   * Refreshes a token that ends within 30 s, and one that the API has refused (`isRefused`) in any case. Resolves with the
   * status to answer: 204; 401 when there is no session, or no longer; 503 when the token server cannot say now.
   */
  async function refresh({ isRefused = false } = {}): Promise<204 | 401 | 503> {
    if (!refreshToken) return accessToken && !isRefused ? 204 : 401;
    // Another request of this user has refreshed meanwhile.
    if (isRefused && changes().length > 0) return held.get('access_token') ? 204 : 401;
    try {
      if (isRefused || !held.get('access_token')) await api.refresh();
      else await api.getAccessToken({ minValidity: 30 });
      return 204;
    } catch (error) {
      return Object(error).code === 'SIGN_IN_REQUIRED' ? 401 : 503;
    }
  }

  /** Begins another session, which has nothing in common with that of the cookies: a user has signed in. */
  function begin(tokens: { accessToken: string; refreshToken: string }): void {
    held = new Tokens(tokens.accessToken, tokens.refreshToken);
  }

  return { api, begin, changes, refresh };
}
