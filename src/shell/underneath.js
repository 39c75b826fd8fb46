// The platform's `fetch`, which a wrapper of ours may stand in the place of.

/** On a wrapper of ours, from any copy of this module: the platform's `fetch` under it. */
export const UNDERNEATH = Symbol.for('tokenflight.fetch');

/**
 * Returns the platform's `fetch` as it is now, even if a wrapper of ours has taken its place.
 *
 * @returns {typeof fetch | undefined}
 */
export function platformFetch() {
  const { fetch } = globalThis;
  return /** @type {any} */ (fetch)?.[UNDERNEATH] ?? fetch;
}
