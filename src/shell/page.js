// The page or worker that this runs in, if any.

/**
 * Whether this is one user's: a window or a worker of a browser, and no server. Runtimes of servers have `navigator`
 * and `WorkerGlobalScope` as well.
 */
export const isInPage = () => 'document' in globalThis || 'WorkerNavigator' in globalThis;

/** Tells if the page is hidden, or there is no network. */
export function isDormant() {
  try {
    return globalThis.document?.hidden || globalThis.navigator?.onLine === false;
  } catch {
    return false;
  }
}
