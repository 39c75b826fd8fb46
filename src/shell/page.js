// The page or worker that this runs in, if any.

/**
 * Tells if this is one user's: a window or a worker of a browser, and no server. Servers have `navigator` and
 * `WorkerGlobalScope` as well, workers of Deno have a `WorkerNavigator`, and some put up a `document` to render with.
 */
export function isInPage() {
  const { document, window } = globalThis;
  if (document) return window === globalThis || !('process' in globalThis);
  return 'WorkerNavigator' in globalThis && 'indexedDB' in globalThis;
}

/** Tells if the page is hidden, or there is no network. */
export function isDormant() {
  try {
    return globalThis.document?.hidden || globalThis.navigator?.onLine === false;
  } catch {
    return false;
  }
}
