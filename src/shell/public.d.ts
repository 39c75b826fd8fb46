/**
 * A `fetch` that stays signed in.
 *
 * @packageDocumentation
 * @example
 * import { createApi } from 'tokenflight';
 *
 * const api = createApi();
 * const response = await api.fetch('/api/orders');
 * const { data } = await api.get<Order[]>('/api/orders');
 */

/** The name under which a classic script finds this module: `tokenflight.createApi()`. */
export as namespace tokenflight;

/** The first argument of `fetch`, as the platform at hand has it: browsers, workers and Node differ in the details. */
type FetchInput = Parameters<typeof fetch>[0];
/** The second argument of `fetch`, as the platform at hand has it. */
type FetchInit = NonNullable<Parameters<typeof fetch>[1]>;

/** Creates an {@link Api} of a session whose tokens are HttpOnly cookies; otherwise as with {@link ApiOptions}. */
export function createApi(options: CookieSessionOptions): Api;
/**
 * Creates an {@link Api}. It can be called at once: there is nothing to load or to await.
 *
 * @throws {TypeError} when an option has a wrong type or value, or an unknown name. The message names
 * the option, and for an unknown name the nearest known one. Nothing is created then.
 * @throws {UnsupportedRuntimeError} where there is no `fetch`, or no WebAssembly that may be used. The
 * message names the cause and the cure.
 */
export function createApi(options?: ApiOptions): Api;

/** A signed-in client. Every member is bound: it can be destructured and handed to other libraries. */
export interface Api {
  /**
   * Takes and returns what the platform's `fetch` does; the response is the browser's own `Response`.
   *
   * A 401 for the current token starts, or joins, one refresh; then the request is sent once more. A
   * request that starts during a refresh waits for it.
   *
   * Rejects as `fetch` does, and with {@link SignInRequiredError}, {@link RefreshUnavailableError} or
   * {@link SessionChangedError}.
   */
  readonly fetch: (input: FetchInput, init?: ApiRequestInit) => Promise<Response>;

  /** `GET url`. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly get: ApiCall;
  /** `DELETE url`, with `data` as its body. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly delete: ApiCall<ApiDeleteInit>;
  /** `HEAD url`. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly head: (url: string | URL, init?: ApiCallInit) => Promise<ApiResponse<null>>;
  /** `OPTIONS url`. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly options: ApiCall;
  /** `POST url` with a body: see {@link ApiBody}. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly post: ApiBodyCall;
  /** `PUT url` with a body: see {@link ApiBody}. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly put: ApiBodyCall;
  /** `PATCH url` with a body: see {@link ApiBody}. Rejects with {@link HttpError} when the status is outside 200–299. */
  readonly patch: ApiBodyCall;
  /** One call described by one object, as axios users know it. Rejects with {@link HttpError} as the others do. */
  readonly request: ApiConfiguredCall;

  /**
   * Begins a session: stores the tokens, the refresh token first. Requests of the session before it are
   * never replayed under this one. A JWT of the user who is signed in already goes on with that session.
   */
  readonly signIn: (tokens?: SignInTokens) => Promise<void>;
  /**
   * Goes on with newer tokens of the session that there is: a sliding session that each answer renews, a step-up.
   * Waiting and failed requests are sent again with them, and `tokenRefreshed` fires. Without a `refreshToken`, the stored
   * one stays. Where nobody is signed in, and for another user's token, it does what {@link Api.signIn} does.
   */
  readonly setTokens: (tokens?: SignInTokens) => Promise<void>;
  /**
   * Ends the session: removes both tokens and fires `signedOut`. It does not navigate. With
   * {@link ApiOptions.signOutURL} the server is told as well.
   */
  readonly signOut: () => Promise<void>;
  /**
   * Refreshes now, or joins the refresh that is under way. Resolves when the new token is stored.
   *
   * Rejects with {@link SignInRequiredError}, {@link RefreshUnavailableError} or
   * {@link SessionChangedError}.
   */
  readonly refresh: () => Promise<void>;
  /**
   * The access token as it is stored now, after the refresh that is under way, if any; `null` without one,
   * and with `session: 'cookie'`. For WebSocket and server-sent events.
   *
   * Rejects as {@link Api.refresh} does, where `minValidity` asks for a refresh.
   */
  readonly getAccessToken: (options?: AccessTokenOptions) => Promise<string | null>;
  /**
   * Calls `listener` whenever `type` happens, after the refresh has ended. A listener may call the api.
   *
   * @returns the function that removes the listener.
   */
  readonly on: <K extends keyof ApiEvents>(type: K, listener: (event: ApiEvents[K]) => void) => () => void;

  /**
   * A snapshot of the session, without a request and without waiting: the same frozen object until something
   * changes. Nothing of it is verified; what a user may do, the server decides.
   */
  readonly session: SessionSnapshot;
  /**
   * Calls `listener` with the new {@link Api.session} after each change, whichever tab made it.
   *
   * @returns the function that ends it.
   */
  readonly subscribe: (listener: (session: SessionSnapshot) => void) => () => void;
}

/** A snapshot of the session: {@link Api.session}. */
export interface SessionSnapshot {
  /**
   * `unknown` only until the first answer tells: with `session: 'cookie'`, where no script can read the tokens, and
   * with a `storage` of your own that answers later.
   */
  readonly status: 'signedIn' | 'signedOut' | 'unknown';
  /** The claim `sub` of the access token, if that is a JWT (RFC 7519 §4.1.2). */
  readonly subject: string | null;
  /** All claims of the access token, if that is a JWT. Nested objects are frozen as well. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** When the access token ends, in ms since 1970: its claim `exp`, or else what the server's `expires_in` said. */
  readonly expiresAt: number | null;
}

/** `api.get<Order[]>(url)`: you say what the JSON is. With a `responseType`, that says what `data` is. */
export interface ApiCall<Init = ApiCallInit> {
  /** Resolves with the parsed body as `data`. Rejects with {@link HttpError} when the status is outside 200–299. */
  <T = unknown>(url: string | URL, init?: Init & { responseType?: 'json' }): Promise<ApiResponse<T>>;
  /** Resolves with the body in the form that `responseType` names. Rejects with {@link HttpError} as without it. */
  <K extends ResponseType>(url: string | URL, init: Init & { responseType: K }): Promise<ApiResponse<ResponseTypes[K]>>;
}

/** `api.post<Order>(url, body)`: you say what the JSON is. With a `responseType`, that says what `data` is. */
export interface ApiBodyCall {
  /**
   * Sends `body` as {@link ApiBody} says, and resolves with the parsed body of the answer as `data`. Rejects with
   * {@link HttpError} when the status is outside 200–299.
   */
  <T = unknown>(url: string | URL, body?: ApiBody, init?: ApiCallInit & { responseType?: 'json' }): Promise<ApiResponse<T>>;
  /** Resolves with the body in the form that `responseType` names. Rejects with {@link HttpError} as without it. */
  <K extends ResponseType>(url: string | URL, body: ApiBody | undefined, init: ApiCallInit & { responseType: K }): Promise<ApiResponse<ResponseTypes[K]>>;
}

/** `api.request<Order>({ url, … })`: you say what the JSON is. With a `responseType`, that says what `data` is. */
export interface ApiConfiguredCall {
  /** Resolves with the parsed body as `data`. Rejects with {@link HttpError} when the status is outside 200–299. */
  <T = unknown>(config: ApiRequestConfig & { responseType?: 'json' }): Promise<ApiResponse<T>>;
  /** Resolves with the body in the form that `responseType` names. Rejects with {@link HttpError} as without it. */
  <K extends ResponseType>(config: ApiRequestConfig & { responseType: K }): Promise<ApiResponse<ResponseTypes[K]>>;
}

/** The type of {@link ApiResponse.data} for each {@link ApiCallInit.responseType}. */
export interface ResponseTypes {
  /** Parsed, whatever the content type says; `null` for an empty body. */
  json: unknown;
  /** Decoded as UTF-8. */
  text: string;
  /** The bytes with their content type. */
  blob: Blob;
  /** The bytes. */
  arraybuffer: ArrayBuffer;
  /** The body as it arrives; `null` where the response can have none. */
  stream: ReadableStream<Uint8Array> | null;
}

/** The words for {@link ApiCallInit.responseType}. */
export type ResponseType = keyof ResponseTypes;

/** The options of {@link Api.getAccessToken}. */
export interface AccessTokenOptions {
  /**
   * Seconds that the token has to live from now on; one that ends sooner is refreshed first. A token whose
   * lifetime is not known is taken as it is, and never more is asked for than three quarters of a lifetime.
   */
  minValidity?: number;
}

/** The members of `init` that {@link Api.fetch} takes besides the platform's own. */
export interface ApiRequestInit extends FetchInit {
  /**
   * `false`: no token is attached and a 401 is not refreshed. Use it for the sign-in request.
   *
   * `'optional'`: for what visitors may see as well. The token goes along, and is refreshed, where there is one;
   * without a session, or when it is over, the caller gets its 401 and nobody is led to the login page.
   */
  auth?: boolean | 'optional';
  /** Milliseconds until the headers of one attempt must have arrived. Rejects with a `TimeoutError` `DOMException`. */
  timeout?: number;
  /** `false`: a 401 still refreshes, but the caller gets the 401 and decides itself. */
  replay?: boolean;
}

/** The settings of `api.delete`. */
export interface ApiDeleteInit extends ApiCallInit {
  /** The body of the request, in the forms of {@link ApiBody}. */
  data?: ApiBody;
}

/**
 * Settings that {@link Api.get} and its siblings take besides. They ask for JSON (`Accept`), unless
 * the call or the option `headers` has its own, and reject a member that nobody knows.
 */
export interface ApiCallInit extends ApiRequestInit {
  /** Query parameters. `null` and `undefined` are left out, arrays become `key[]=1&key[]=2`, dates ISO 8601. */
  params?: URLSearchParams | object | null;
  /**
   * The form in which the body of a successful answer is read. Default: as its content type says. The body of an
   * {@link HttpError} is always read by its content type.
   */
  responseType?: ResponseType;
}

/** The argument of {@link Api.request}. */
export interface ApiRequestConfig extends Omit<ApiCallInit, 'body'> {
  /** Where to; relative to `baseURL` or to the page. */
  url: string | URL;
  /** The body: see {@link ApiBody}. */
  data?: ApiBody;
}

/**
 * A body. What `fetch` takes goes as `fetch` sends it: strings, `FormData`, `Blob`, buffers, streams. Other
 * objects and arrays go as JSON, or as a form where the `Content-Type` is `application/x-www-form-urlencoded`.
 */
export type ApiBody = FetchInit['body'] | object | null;

/** A successful answer, parsed by its content type. */
export interface ApiResponse<T = unknown> {
  /** JSON is parsed, text is a string, an empty body is `null`, anything else is a `Blob`. */
  data: T;
  /** The HTTP status, 200–299. */
  status: number;
  /** The response's own headers. */
  headers: Headers;
  /** The browser's own response; its body has been read, unless that is what you get as a stream. */
  response: Response;
}

/** The tokens that begin a session. */
export interface SignInTokens {
  /** The access token. Needed, unless `session: 'cookie'`. */
  accessToken?: string;
  /** The refresh token, unless the server keeps it in an HttpOnly cookie. */
  refreshToken?: string;
  /** The access token's lifetime in seconds. Not needed for a JWT with `exp`. */
  expiresIn?: number | string;
}

/** The answers that {@link ApiOptions.isUnauthorized} may give. */
export type Judgement = boolean | 'replay';

/** How {@link createApi} is set up. Without any, it does what the defaults say. */
export interface ApiOptions {
  /** Joined to every string URL that is not absolute, as axios does. Default: none. */
  baseURL?: string;
  /** Milliseconds until the headers of one attempt must have arrived. `0`: no limit. Default: `0`. */
  timeout?: number;
  /** Sent with each request and refresh that goes to an allowed origin, unless the request sets the same name. */
  headers?: FetchInit['headers'];
  /**
   * The `fetch` underneath. Default: the platform's, as it is at each call; never an api's own. One of another library
   * is called with a URL and an init, but in a page, a form or a stream comes as the platform's `Request`.
   */
  fetch?: typeof fetch;
  /**
   * Where the tokens are kept. Default: `'local'`.
   *
   * Storage that is denied or full is replaced by memory for this page, with one warning.
   */
  storage?: 'local' | 'session' | 'memory' | TokenStorage;
  /** The storage key of the access token. Default: `'accessToken'`. */
  accessTokenKey?: string;
  /** The storage key of the refresh token. Default: `'refreshToken'`. */
  refreshTokenKey?: string;
  /**
   * Where tokens are refreshed: `POST` with `{ "refreshToken": … }`, or without a body when no refresh
   * token is stored (an HttpOnly cookie). A path is joined to {@link ApiOptions.baseURL}, as any other; an
   * absolute URL is not. Default: `'/refresh-token'`.
   */
  refreshURL?: string;
  /** An OAuth 2.0 token endpoint (RFC 6749 §6), or your own function. Default: {@link ApiOptions.refreshURL}. */
  refresh?: OAuthRefresh | ((context: RefreshContext) => Promise<RefreshedTokens> | RefreshedTokens);
  /**
   * Seconds before the end of the access token's lifetime in which a request refreshes it first, where the
   * lifetime is known (a JWT's `iat` and `exp`, or `expires_in`); never more than a quarter of it.
   * Default: `30`.
   */
  refreshAhead?: number;
  /**
   * Refreshes in the background, too, before the token ends: not while the page is hidden or offline; that
   * is caught up on afterwards. Default: `false`.
   */
  autoRefresh?: boolean;
  /**
   * Milliseconds to wait for another tab that holds the lock and does not move (frozen, or throttled) before
   * it is left behind. Not shorter than `refreshTimeout`, so that a slow refresh is not overtaken. Default: `10000`,
   * or `refreshTimeout` where that is longer.
   */
  lockTimeout?: number;
  /**
   * Milliseconds that requests wait for one refresh. The refresh itself is given up after three times as long, since the
   * server may have replaced the tokens already. Default: `10000`.
   */
  refreshTimeout?: number;
  /** The number of further tries after the token server was unavailable. Default: `2`. */
  refreshRetries?: number;
  /** Milliseconds before the first retry, at most; doubled for each further one, with full jitter. Default: `300`. */
  retryDelay?: number;
  /** The longest `Retry-After`, in milliseconds, that is waited for. Default: `30000`. */
  maxRetryAfter?: number;
  /**
   * Milliseconds after an outage in which a 401 rejects at once and no refresh is sent; doubled, up to a
   * minute, by each outage that follows. Default: `1000`.
   */
  coolDown?: number;
  /** Where the user signs in. Default: `'/login'`. */
  loginURL?: string;
  /** Name of the query parameter that carries the current path, query and fragment to the login page. Default: none. */
  returnTo?: string;
  /**
   * Where the server is told of {@link Api.signOut}: one `POST` with the access token in its header and with
   * `{ "refreshToken": … }`, as far as they were there; cookies go along. The session ends here whatever the answer,
   * which is waited for no longer than `refreshTimeout`. A path is joined to {@link ApiOptions.baseURL}; another
   * origin has to be one of {@link ApiOptions.allowedOrigins}. Default: none.
   */
  signOutURL?: string;
  /** Called in place of the navigation to {@link ApiOptions.loginURL}. */
  onSignedOut?: (event: SignedOutEvent) => void;
  /** Further origins that get the token, such as `'https://api.example.com'`. No patterns. Default: none. */
  allowedOrigins?: string[];
  /**
   * Which responses mean "the access token is not accepted". Read a clone, if you read. `'replay'`: the request is
   * sent once more, hooks included, without a refresh. Default: status 401.
   *
   * One that has not answered after `refreshTimeout` rejects its request.
   */
  isUnauthorized?: (response: Response) => Judgement | Promise<Judgement>;
  /** The header that carries the token. Default: `'Authorization'`. */
  header?: string;
  /** The word before the token; `''` sends the bare token. Default: `'Bearer'`. */
  scheme?: string;
  /**
   * `'cookie'`: the access token is an HttpOnly cookie; no header is added. A random mark under
   * `accessTokenKey` (default then: `'tokenflight'`) tells tabs that it was refreshed. Default: `'token'`.
   */
  session?: 'token' | 'cookie';
  /** A readable cookie in which the server leaves the new access token. */
  tokenCookie?: string;
  /** The token server's names for the tokens, where those are not the usual ones. */
  tokenNames?: TokenNames;
  /**
   * A readable cookie whose value is repeated in {@link ApiOptions.xsrfHeaderName}, where the server wants that
   * (the double submit of a cookie): in each request to an allowed origin and in each refresh, as it is at that
   * moment. axios's default for it is `'XSRF-TOKEN'`. Default: none.
   */
  xsrfCookieName?: string;
  /** The header that repeats {@link ApiOptions.xsrfCookieName}. Default: `'X-XSRF-TOKEN'`, as axios has it. */
  xsrfHeaderName?: string;
  /** Decides if callers get a rejection or their own unread 401 when the session is over. Default: `'reject'`. */
  unauthorized?: 'reject' | 'return';
  /** The credentials mode of each request that sets none itself. Default: the platform's, `'same-origin'`. */
  credentials?: FetchInit['credentials'];
  /** Functions around each attempt. */
  hooks?: ApiHooks;
  /** Logs each decision in one line. Default: `false`. */
  debug?: boolean;
}

/** {@link ApiOptions} of a session whose tokens are HttpOnly cookies: its own `refresh` function has none to return. */
export interface CookieSessionOptions extends Omit<ApiOptions, 'session' | 'refresh'> {
  /** As {@link ApiOptions.session}. */
  session: 'cookie';
  /** As {@link ApiOptions.refresh}; a function that does not throw has refreshed, whatever it returns. */
  refresh?: OAuthRefresh | ((context: RefreshContext) => unknown);
}

/** A place for tokens. Methods may be asynchronous; `get` answers `null` where there is nothing. */
export interface TokenStorage {
  /** Returns the value stored under `key`. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps `value` under `key`. */
  set(key: string, value: string): void | Promise<void>;
  /** Forgets what was kept under `key`. */
  remove(key: string): void | Promise<void>;
  /** True if other tabs of this origin keep their tokens in the same place: they refresh as one. Default: `false`. */
  shared?: boolean;
  /** Calls `listener` after each change that another tab has made. Returns the function that ends that. */
  subscribe?(listener: () => void): () => void;
}

/** RFC 6749 §6: `grant_type=refresh_token`, form-encoded. */
export interface OAuthRefresh {
  /** The token endpoint's URL. */
  tokenEndpoint: string;
  /** The public client's id. */
  clientId: string;
  /** A narrower scope to ask for. */
  scope?: string;
  /** Where {@link Api.signOut} revokes the refresh token, or, without one, the access token (RFC 7009). */
  revocationEndpoint?: string;
}

/** Names of a token server's own, such as `{ accessToken: 'access', refreshToken: 'refresh' }` of Django's SimpleJWT. */
export interface TokenNames {
  /** Where the access token is in the answer: a name, or a path such as `'result.token'`. */
  accessToken?: string;
  /** The name under which the refresh token is sent to `refreshURL`, and its place in the answer. */
  refreshToken?: string;
  /** Where the access token's lifetime is in the answer, in seconds. */
  expiresIn?: string;
}

/** The argument of your own `refresh` function. */
export interface RefreshContext {
  /** The refresh token as it is stored now, or `null`. */
  refreshToken: string | null;
  /** The access token that is to be replaced, or `null`; always `null` with `session: 'cookie'`. */
  accessToken: string | null;
  /** Aborted after three times `refreshTimeout`: until then what a late answer brings is stored, and not asked for again. */
  signal: AbortSignal;
  /** The `fetch` underneath. Use it, not the api's: a refresh must not wait for itself. */
  fetch: typeof fetch;
}

/** The tokens that a refresh brings. */
export interface RefreshedTokens {
  /** The new access token. */
  accessToken: string;
  /** The new refresh token, when the server rotates them. */
  refreshToken?: string;
  /** The access token's lifetime in seconds. */
  expiresIn?: number | string;
}

/** Functions around each attempt. */
export interface ApiHooks {
  /**
   * Runs before the token is attached, once for each attempt. May return another `Request`. It is told the token that
   * the attempt will carry; `null`: none. A request whose authorization it sets itself goes out with that.
   */
  onRequest?: (request: Request, attempt: { accessToken: string | null }) => Request | void | Promise<Request | void>;
  /** Sees what the caller will get. May return another `Response`. */
  onResponse?: (response: Response, request: Request) => Response | void | Promise<Response | void>;
}

/** The events by name. */
export interface ApiEvents {
  /** A new access token is stored, by this tab or by another one. */
  tokenRefreshed: TokenRefreshedEvent;
  /** The session is over. */
  signedOut: SignedOutEvent;
  /** The refresh could not be done now; the user is still signed in. */
  refreshUnavailable: RefreshUnavailableEvent;
  /** Somebody has signed in, in this tab or another one: the session is a new one. */
  sessionChanged: SessionChangedEvent;
}

/** Any event; narrow it by `type`. */
export type ApiEvent = ApiEvents[keyof ApiEvents];

/** A new access token is stored, by this tab or by another one. */
export interface TokenRefreshedEvent {
  /** Tells the events apart. */
  type: 'tokenRefreshed';
  /** The new access token; `null` with `session: 'cookie'`. */
  accessToken: string | null;
}

/** The session is over. */
export interface SignedOutEvent {
  /** Tells the events apart. */
  type: 'signedOut';
  /** `'refused'`: the server refused to refresh. `'signOut'`: the tokens were removed, here or in another tab. */
  reason: 'refused' | 'signOut';
}

/** The refresh could not be done now. The user is still signed in. */
export interface RefreshUnavailableEvent {
  /** Tells the events apart. */
  type: 'refreshUnavailable';
  /** The error that the waiting requests were rejected with. */
  error: RefreshUnavailableError;
}

/** Somebody has signed in, in this tab or another one: the session is a new one. */
export interface SessionChangedEvent {
  /** Tells the events apart. */
  type: 'sessionChanged';
}

/** Any error of tokenflight's own; narrow it by `code`. */
export type ApiError =
  | SignInRequiredError
  | RefreshUnavailableError
  | SessionChangedError
  | HttpError
  | UnsupportedRuntimeError;

/**
 * The session is over: the server refused to refresh. Send the user to sign in.
 *
 * Throw it from your own `refresh` function to say so.
 */
export class SignInRequiredError extends Error {
  /** Makes one of your own; `options` may have a `cause`. */
  constructor(message?: string, options?: ErrorOptions);
  /** The name of the class, however the code is bundled. */
  readonly name: 'SignInRequiredError';
  /** For programs: it tells tokenflight's errors apart. */
  readonly code: 'SIGN_IN_REQUIRED';
}

/** The token could not be refreshed now: no network, a timeout, or a failing server. The user is still signed in; try again. */
export class RefreshUnavailableError extends Error {
  /** Makes one of your own; `options` may have a `cause`. */
  constructor(message?: string, options?: ErrorOptions & { retryAfter?: number });
  /** The name of the class, however the code is bundled. */
  readonly name: 'RefreshUnavailableError';
  /** For programs: it tells tokenflight's errors apart. */
  readonly code: 'REFRESH_UNAVAILABLE';
  /** Milliseconds after which a new try makes sense. */
  readonly retryAfter: number;
}

/** The session that the request belonged to has ended, or another one has begun. The request was not sent again. */
export class SessionChangedError extends Error {
  /** Makes one of your own; `options` may have a `cause`. */
  constructor(message?: string, options?: ErrorOptions);
  /** The name of the class, however the code is bundled. */
  readonly name: 'SessionChangedError';
  /** For programs: it tells tokenflight's errors apart. */
  readonly code: 'SESSION_CHANGED';
}

/**
 * `api.get` and its siblings met a status outside 200–299. After `instanceof HttpError`, `data` is `unknown`: a server
 * may answer anything.
 */
export interface HttpError<T = unknown> extends Error {
  /** The name of the class, however the code is bundled. */
  readonly name: 'HttpError';
  /** For programs: it tells tokenflight's errors apart. */
  readonly code: 'HTTP_ERROR';
  /** The HTTP status. */
  readonly status: number;
  /** The body, parsed as a successful one would be. */
  readonly data: T;
  /** The browser's own response; its body has been read. */
  readonly response: Response;
}

// No class, since `instanceof` would make `data` of a generic one `any`: TypeScript goes by the type of `prototype`.
/** `api.get` and its siblings met a status outside 200–299. */
export const HttpError: {
  /** Makes one of your own; `options` may have a `cause`. */
  new <T = unknown>(message: string, options: ErrorOptions & { status: number; data: T; response: Response }): HttpError<T>;
  /** Inherited by all instances. */
  readonly prototype: HttpError;
};

/** `createApi` cannot work here: there is no `fetch`, or no WebAssembly that may be used. The message names the cure. */
export class UnsupportedRuntimeError extends Error {
  /** Makes one of your own; `options` may have a `cause`. */
  constructor(message: string, options?: ErrorOptions);
  /** The name of the class, however the code is bundled. */
  readonly name: 'UnsupportedRuntimeError';
  /** For programs: it tells tokenflight's errors apart. */
  readonly code: 'UNSUPPORTED_RUNTIME';
}
