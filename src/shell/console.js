// The console, and whoever watches the page for errors. Pages put their own in place of both; one that throws
// disturbs nobody here.

/** @param {() => void} act */
function quietly(act) {
  try {
    act();
  } catch {
    // There is nobody left to tell.
  }
}

/** @param {string} text */
export const warn = (text) => quietly(() => console.warn(text));

/** @param {string} text */
export const logDebug = (text) => quietly(() => console.debug(text));

/**
 * Hands an error of a callback to whoever watches the page for errors.
 * @param {unknown} error
 */
export const report = (error) => quietly(() => (globalThis.reportError ?? console.error)(error));
