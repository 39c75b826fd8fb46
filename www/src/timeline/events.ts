// What the time line is told. It knows nothing else: not who sends the requests, nor how.

/** One thing that happened. `at`: milliseconds since 1970, with fractions. */
export type TimelineEvent = { at: number } & (
  /** The app has asked for something. `call` names it in the events that follow. */
  | { type: 'called'; call: string; label: string }
  /** The request goes out, for the first time or once more. */
  | { type: 'sent'; call: string }
  /** `status`: of HTTP; `0` when no answer came. */
  | { type: 'answered'; call: string; status: number }
  /** The app has its answer, or its error (`ok: false`). */
  | { type: 'settled'; call: string; ok: boolean }
  /** A refresh goes out. */
  | { type: 'refreshing'; refresh: string }
  | { type: 'refreshed'; refresh: string; status: number }
  /** Another tab has refreshed, and this one uses what that brought. */
  | { type: 'adopted' }
  | { type: 'signedOut' }
);

/** Comparable over page loads, unlike `performance.now()`. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
