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
 * Tells if `value` is a signal. A fake or a proxy of one throws when it is asked: the platform judges it, and WebKit
 * ignores it.
 *
 * @param {unknown} value
 * @returns {value is AbortSignal}
 */
export function isSignal(value) {
  try {
    return value instanceof AbortSignal && value.aborted !== undefined;
  } catch {
    return false;
  }
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
