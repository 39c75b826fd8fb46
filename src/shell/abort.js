// Abort signals and their reasons.

/**
 * Rejects with the reason of an aborted signal. WebKit's `fetch` ignores it and always rejects with an `AbortError`.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | null | undefined} signal
 * @returns {Promise<T>}
 */
export function withReason(promise, signal) {
  return signal ? promise.catch((error) => { throw signal.aborted ? signal.reason : error; }) : promise;
}

/**
 * Returns a signal that aborts with the controller and with `signal`.
 *
 * @param {AbortController} controller
 * @param {AbortSignal | undefined} signal
 */
export function followed(controller, signal) {
  if (!signal) return controller.signal;
  if (AbortSignal.any) return AbortSignal.any([signal, controller.signal]);
  // AbortSignal.any has been in all engines only since 2024.
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
