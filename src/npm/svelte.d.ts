/**
 * Tells Svelte components who is signed in.
 *
 * @example
 * import { useSession } from 'tokenflight/svelte';
 * import { api } from './api';
 *
 * const session = useSession(api);
 * // {#if $session.status === 'signedIn'} … {$session.subject} … {/if}
 *
 * @packageDocumentation
 */

import type { Api, SessionSnapshot } from './index.js';

/** Svelte's store contract: what `$session` in a component, and `get` and `derived` of `svelte/store` take. */
export interface SessionStore {
  /** Calls `run` at once and after each change of the session, whichever tab made it. Returns the function that ends it. */
  subscribe(this: void, run: (session: SessionSnapshot) => void): () => void;
}

/**
 * A store of the session. On a server, `status` is `unknown`.
 *
 * @param api what `createApi` has returned: one for the whole app, made outside of components.
 * @throws {TypeError} when that is something else.
 */
export function useSession(api: Pick<Api, 'session' | 'subscribe'>): SessionStore;
