// Checks the options of a test: one that is not known would be ignored, and the test pass for the wrong reason.

/**
 * Returns the defaults, replaced by what is given.
 *
 * @param {string} who begins each complaint
 * @param {object | undefined} given
 * @param {Record<string, unknown>} defaults with every name there is
 * @throws {TypeError} names what is not known
 */
export function withDefaults(who, given, defaults) {
  for (const name of Object.keys(given ?? {})) {
    if (!(name in defaults)) {
      throw new TypeError(`${who}: there is no \`${name}\`; there are ${Object.keys(defaults).join(', ')}.`);
    }
  }
  return { ...defaults, ...given };
}
