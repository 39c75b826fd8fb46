// The page or worker that this runs in, if any.

/**
 * Tells if this belongs to one user: a window or a worker of a browser, not a server. (`navigator` and
 * `WorkerGlobalScope` prove nothing: server runtimes have them as well.)
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
