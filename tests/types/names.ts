// Every name of the types, held by the compiler to be all of them. tests/e2e/types.test.mjs runs this file against
// the module.

import type { Api, ApiOptions } from 'tokenflight';
import type * as package_ from 'tokenflight';

type Values = { [K in keyof typeof package_]: true };

/** The exports of the package at run time. */
export const exported = {
  createApi: true,
  SignInRequiredError: true,
  RefreshUnavailableError: true,
  SessionChangedError: true,
  HttpError: true,
  UnsupportedRuntimeError: true,
} satisfies Values;

/** The members of an api. */
export const members = {
  fetch: true, get: true, delete: true, head: true, options: true, post: true, put: true, patch: true, request: true,
  signIn: true, setTokens: true, signOut: true, refresh: true, getAccessToken: true, on: true, session: true, subscribe: true,
} satisfies Record<keyof Api, true>;

/** Each option with a value that it accepts. */
export const options = {
  baseURL: '/api',
  timeout: 1000,
  headers: { 'X-App': 'shop' },
  fetch: globalThis.fetch,
  storage: 'memory',
  accessTokenKey: 'access',
  refreshTokenKey: 'refresh',
  refreshURL: '/refresh',
  refresh: { tokenEndpoint: '/token', clientId: 'shop', scope: 'orders', revocationEndpoint: '/revoke' },
  refreshAhead: 30,
  autoRefresh: false,
  lockTimeout: 10_000,
  refreshTimeout: 10_000,
  refreshRetries: 2,
  retryDelay: 300,
  maxRetryAfter: 30_000,
  coolDown: 1000,
  loginURL: '/login',
  returnTo: 'next',
  signOutURL: '/sign-out',
  onSignedOut: () => {},
  allowedOrigins: ['https://api.example.com'],
  isUnauthorized: ({ status }) => status === 401,
  header: 'X-Access-Token',
  scheme: '',
  session: 'token',
  tokenCookie: 'access_token',
  tokenNames: { accessToken: 'access', refreshToken: 'refresh', expiresIn: 'ttl' },
  xsrfCookieName: 'XSRF-TOKEN',
  xsrfHeaderName: 'X-XSRF-TOKEN',
  unauthorized: 'return',
  credentials: 'include',
  hooks: { onRequest: () => {}, onResponse: () => {} },
  debug: false,
} satisfies Required<ApiOptions>;
