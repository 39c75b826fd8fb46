/**
 * Tells React components who is signed in.
 *
 * @example
 * import { useSession } from 'tokenflight/react';
 * import { api } from './api';
 *
 * function Greeting() {
 *   const { status, subject } = useSession(api);
 *   return status === 'signedIn' ? <p>Hello, {subject}</p> : <a href="/login">Sign in</a>;
 * }
 *
 * @packageDocumentation
 */

import type { Api, SessionSnapshot } from './index.js';

/**
 * The session as it is now; the component renders again after each change, whichever tab made it, and at no other time.
 * On a server, and until the page has been hydrated, `status` is `unknown`.
 *
 * @param api what `createApi` has returned: one for the whole app, made outside of components.
 * @throws {TypeError} when that is something else.
 */
export function useSession(api: Pick<Api, 'session' | 'subscribe'>): SessionSnapshot;
