/**
 * For the tests of applications: sessions that are forgotten between tests, and a token server that is played.
 *
 * @example
 * import { createTokenServer, resetSessions } from 'tokenflight/testing';
 *
 * beforeEach(resetSessions);
 *
 * test('an expired token costs one refresh', async () => {
 *   const server = createTokenServer();
 *   vi.spyOn(globalThis, 'fetch').mockImplementation(server.fetch);
 *   await api.signIn(server.signIn());
 *   server.expire();
 *   await Promise.all([api.get('/orders'), api.get('/user')]);
 *   expect(server.refreshes).toBe(1);
 * });
 *
 * @packageDocumentation
 */

/**
 * Forgets all sessions: their tokens, what is known of tokens that were replaced, pauses after an outage, who was led
 * to the login page. Apis that exist go on as if they had just been created, with their listeners; what is under way in
 * them rejects with an `AbortError`. The same tokens can then be used again without waiting.
 *
 * Call it while nobody else uses the same storage: in a browser, other tabs lose what they know as well. With fake
 * timers, call it before they are installed, or after they are gone.
 */
export function resetSessions(): Promise<void>;

/** A server that issues tokens and accepts them, in memory. Each has sessions of its own. */
export function createTokenServer(options?: TokenServerOptions): TokenServer;

/** How {@link createTokenServer} is set up. */
export interface TokenServerOptions {
  /** How the path of a refresh ends, `baseURL` or not; origins are not compared. Default: `'/refresh-token'`. */
  refreshURL?: string;
  /** The lifetime of access tokens, in seconds by `Date.now()`, which fake timers move. Default: `300`. */
  expiresIn?: number;
  /** `true`: each refresh replaces the refresh token. Default: `true`. */
  rotation?: boolean;
  /** The fate of a session when a refresh token that was replaced is presented again. Default: `'revoke'`. */
  reuse?: 'revoke' | 'accept';
  /** Milliseconds that each answer to a refresh takes. Default: `0`. */
  delay?: number;
  /** Answers the requests that carry an accepted access token. Default: 200 with `{ "ok": true }`. */
  respond?: (request: Request) => Response | Promise<Response>;
}

/** A token server that is played. Its functions are bound: they can be handed to a mock. */
export interface TokenServer {
  /**
   * Plays the server, in place of the platform's `fetch`. A refresh (JSON to {@link TokenServerOptions.refreshURL}, or
   * the form of RFC 6749 §6) gets new tokens, or 400 with `invalid_grant`; any other request gets what
   * {@link TokenServerOptions.respond} answers, or a 401.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The same as an MSW resolver: `http.all('*', server.handle)`. */
  readonly handle: (info: { request: Request }) => Promise<Response>;
  /** Tells if a request carries an access token that is accepted: for handlers of your own. */
  readonly isAuthorized: (request: Request) => boolean;
  /** Begins a session, and returns its tokens: an unsigned JWT with these claims (`sub` is `user` unless given). */
  readonly signIn: (claims?: Record<string, unknown>) => IssuedTokens;
  /** Accepts none of the access tokens any more that were issued so far. Refresh tokens stay good. */
  readonly expire: () => void;
  /** Ends all sessions: neither their access tokens nor their refresh tokens are accepted any more. */
  readonly revoke: () => void;
  /** Makes the next refreshes fail. `{ times: 0 }` ends an outage. */
  readonly fail: (outage?: Outage) => void;
  /** How many refreshes were asked for, whatever was answered. */
  readonly refreshes: number;
  /** How many of them presented a refresh token that had been replaced. */
  readonly reuses: number;
}

/** An outage of the token server: {@link TokenServer.fail}. */
export interface Outage {
  /** How many refreshes fail. Default: all. */
  times?: number;
  /** The status of the answer; `0`: the server cannot be reached. Default: `503`. */
  status?: number;
  /** The header `Retry-After`, in seconds. Default: none. */
  retryAfter?: number;
}

/** The argument of `api.signIn`. */
export interface IssuedTokens {
  /** The access token: a JWT. */
  accessToken: string;
  /** The refresh token. */
  refreshToken: string;
  /** The access token's lifetime in seconds. */
  expiresIn: number;
}

/**
 * Returns the storage of a browser that is signed in: Playwright's `storageState`.
 *
 * @throws {TypeError} without an origin, without an access token, and for an unknown name.
 */
export function signedInState(options: SignedInOptions): SignedInState;

/** The argument of {@link signedInState}. */
export interface SignedInOptions {
  /** The origin of the app, such as `'http://localhost:3000'`. */
  origin: string;
  /** The access token. */
  accessToken: string;
  /** The refresh token, unless the server keeps it in an HttpOnly cookie. */
  refreshToken?: string;
  /** The storage key of the access token, where the app has another one. Default: `'accessToken'`. */
  accessTokenKey?: string;
  /** The storage key of the refresh token, where the app has another one. Default: `'refreshToken'`. */
  refreshTokenKey?: string;
}

/** As Playwright reads it: `browser.newContext({ storageState })`, or the option `use.storageState`. */
export interface SignedInState {
  /** No cookies. */
  cookies: never[];
  /** One, with its `localStorage`. */
  origins: StoredOrigin[];
}

/** The stored entries of one origin. */
export interface StoredOrigin {
  /** Such as `'http://localhost:3000'`. */
  origin: string;
  /** The entries of its `localStorage`. */
  localStorage: StoredItem[];
}

/** One entry of `localStorage`. */
export interface StoredItem {
  /** Its key. */
  name: string;
  /** Its value. */
  value: string;
}
