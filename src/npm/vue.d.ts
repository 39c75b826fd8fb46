/**
 * Tells Vue components who is signed in.
 *
 * @example
 * import { useSession } from 'tokenflight/vue';
 * import { api } from './api';
 *
 * const session = useSession(api);
 * const isSignedIn = computed(() => session.value.status === 'signedIn');
 *
 * @packageDocumentation
 */

import type { ShallowRef } from 'vue';
import type { Api, SessionSnapshot } from './index.js';

/**
 * The session as it is now, in a ref that nobody can write: it changes with the session, whichever tab changed that,
 * until the component or effect scope that called this is disposed of. On a server, and until the page has been
 * hydrated, `status` is `unknown`.
 *
 * @param api what `createApi` has returned: one for the whole app, made outside of components.
 * @throws {TypeError} when that is something else.
 */
export function useSession(api: Pick<Api, 'session' | 'subscribe'>): Readonly<ShallowRef<SessionSnapshot>>;
