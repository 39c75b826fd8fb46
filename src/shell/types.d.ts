// The types that the modules of the shell share. `core` is the Rust side: src/door.

import type { ApiHooks, ApiOptions, OAuthRefresh, SessionSnapshot, SignedOutEvent, TokenStorage } from './public.js';
import type { Platform } from './platform.js';
import type { Outgoing } from './request.js';
import type { Transport } from './transport.js';

export type { Outgoing, Platform, Transport };

/** The options, checked and complete: all times are in ms, and URLs are absolute wherever there is a page. */
export interface Settings {
  /** Absolute where there is a page; as it was given otherwise. */
  baseURL: string | undefined;
  /** 0: no limit. */
  timeout: number;
  headers: Headers | undefined;
  fetch: typeof fetch | undefined;
  storage: 'local' | 'session' | 'memory' | TokenStorage;
  accessTokenKey: string;
  refreshTokenKey: string;
  /** Joined to `baseURL`, and absolute where there is a page. */
  refreshURL: string;
  /** The URLs of the endpoints are joined and absolute as `refreshURL` is. */
  refresh: Exclude<ApiOptions['refresh'], OAuthRefresh> | OAuthRefresh | undefined;
  refreshAhead: number;
  autoRefresh: boolean;
  refreshTimeout: number;
  lockTimeout: number;
  refreshRetries: number;
  retryDelay: number;
  maxRetryAfter: number;
  coolDown: number;
  loginURL: string;
  /** Joined and absolute as `refreshURL` is. */
  signOutURL: string | undefined;
  tellsSignOut: boolean;
  returnTo: string | undefined;
  onSignedOut: ((event: SignedOutEvent) => void) | undefined;
  /** Serialized, without a slash at the end. */
  allowedOrigins: string[];
  isUnauthorized: ((response: Response) => unknown) | undefined;
  header: string;
  scheme: string;
  isCookieSession: boolean;
  tokenCookie: string | undefined;
  tokenNames: { accessToken?: string; refreshToken?: string; expiresIn?: string };
  xsrfCookieName: string | undefined;
  xsrfHeaderName: string;
  returnsUnauthorized: boolean;
  credentials: RequestCredentials | undefined;
  hooks: ApiHooks;
  debug: boolean;
}

/** A response's verdict on the token; `'replay'`: the request is sent once more, without a refresh. */
export type Judgement = boolean | 'replay';

/** A destination: the first argument of `fetch`, read. */
export interface Target {
  /** The argument for `fetch`: an absolute URL, or a `Request`. */
  input: string | Request;
  /** The URL of `input`. */
  url: string;
  /** True if the token may go there. */
  isOurs: boolean;
  /** True for the page's own origin. */
  isOwn: boolean;
  /** True for the URL that tokens are asked for at: a refresh would not help against its 401. */
  isRefresh: boolean;
}

/** One client, in Rust. It keeps no object of JavaScript's but tokens and errors. */
export interface Core {
  /** Shares the session of another client of the same storage and keys. */
  join(sibling: Core): void;
  /** Takes over settings, and remembers the content of the storage: any other content from here on is a change. */
  start(
    platform: Platform, refreshTimeout: number, refreshRetries: number, retryDelay: number, maxRetryAfter: number,
    coolDown: number, refreshAhead: number, lockTimeout: number, returnsUnauthorized: boolean, tellsSignOut: boolean,
    isCookieSession: boolean, debug: boolean, isSlow: boolean,
  ): void;
  /** Returns the token to send with now, null without one; undefined if the request has to wait. */
  depart(platform: Platform): string | null | undefined;
  /** Returns the epoch of the token that `depart` returned last. */
  epoch(): number;
  /**
   * Results in the response. A request that was sent already, in `epoch`, and got a 401 comes with that `response`.
   */
  fetch(platform: Platform, request: Outgoing, epoch: number, response: Response | undefined): Task;
  /** Without an access token it ends the session. `expiresIn` is in ms; NaN: not known. */
  changeSession(
    platform: Platform, access: string | null, refresh: string | null | undefined, expiresIn: number,
    isSameSession: boolean,
  ): Task;
  /** Results in the token, or null. An infinite `minValidity`, in ms, asks for a new one. */
  accessToken(platform: Platform, minValidity: number): Task;
  /** Returns what `Platform.snapshot` makes of what is known of the session now. */
  session(platform: Platform): SessionSnapshot;
  /** ms until the token is to be refreshed in the background; 0: now; Infinity: not at all. */
  untilDue(platform: Platform): number;
  refreshAhead(platform: Platform): Task;
  /** Another tab has changed the storage. */
  noticeChange(platform: Platform): void;
  /** The network is back, or the page is seen again. */
  wake(platform: Platform): void;
  /** The window's `localStorage`, or its `sessionStorage`. There has to be a window that gives it. */
  storage(isSession: boolean): Storage;
}

/** Steps a task, and waits for what it waits for. */
export interface Driver {
  task: Task;
  finish(): void;
}

/** Work of the core's that has to wait now and then. */
export interface Task {
  /** Takes the awaited value. Returns the next value to await, or the result, if it has told the driver to finish. */
  step(value: unknown, driver: Driver): unknown;
  /** While the record is held: undefined leaves it as it is, null deletes it. */
  onRecord(stored: Float64Array | undefined): Float64Array | null | undefined;
  free(): void;
}
