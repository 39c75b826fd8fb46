// Abort signals, and what is rejected with because of them.

/**
 * `promise`, rejected with the reason of the signal if that has aborted it. WebKit's `fetch` knows no reasons: whatever
 * the signal says, it rejects with an `AbortError`.
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
 * A signal that aborts with the controller, and with `signal` if that is given.
 *
 * @param {AbortController} controller
 * @param {AbortSignal | undefined} signal
 */
export function followed(controller, signal) {
  if (!signal) return controller.signal;
  if (AbortSignal.any) return AbortSignal.any([signal, controller.signal]);
  // Before 2024 there was no AbortSignal.any: the one signal follows the other.
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
