// Writes to the console and reports errors to the page. Pages replace both; a replacement that throws disturbs nobody
// here.

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

/** The warnings that this page was given. @type {Set<string>} */
const given = new Set();

/** @param {string} text given once in a page, however many clients have a reason */
export function warnOnce(text) {
  if (!given.has(text)) warn(text);
  given.add(text);
}

/** @param {() => string} text made of what the caller gave, and may throw */
export const logDebug = (text) => quietly(() => console.debug(text()));

/**
 * Reports the error of a callback to the page's error handlers.
 * @param {unknown} error
 */
export const report = (error) => quietly(() => (globalThis.reportError ?? console.error)(error));
