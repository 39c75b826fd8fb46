// The types that only the modules of the platform share.

import type { TokenStorage } from './public.js';
import type { Core, Task } from './types.js';

export type { Core, Task };
export type CustomStorage = TokenStorage;

/** 0: the access token, 1: the refresh token. */
export type Slot = 0 | 1;

/** The keys of the access token and the refresh token in the storage. */
export type Keys = readonly [string, string];

export interface SessionEvent {
  type: string;
  accessToken?: string | null;
  reason?: 'refused' | 'signOut';
  error?: unknown;
}

/** The result of one refresh, as Rust reads it. */
export interface Answer {
  status: number;
  /** In ms. */
  retryAfter?: number | undefined;
  isJson: boolean;
  /** The body is HTML; in a cookie session also whatever a redirect to another path led to. */
  isPage: boolean;
  /** An envelope's. */
  code?: number | undefined;
  /** The JSON names an error that passes by itself. */
  isTemporary: boolean;
  accessToken?: string | undefined;
  refreshToken?: string | undefined;
  /** In ms. */
  expiresIn?: number | undefined;
  cause?: unknown;
  /** The `refresh` function says that the session is over. */
  isSignInRequired: boolean;
  /** There is no answer. */
  isFailed: boolean;
}
