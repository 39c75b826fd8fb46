// A panic in Rust becomes a trap: it ends the call into WebAssembly halfway and leaves the instance in an unknown
// state. So nothing may enter that instance again, and everything that waits for it has to be rejected.

/**
 * Wraps the exports of an instance. Once one of them has trapped, all of them throw without entering the instance.
 * Exports that JavaScript calls by itself return quietly instead: nothing could catch their error, and an uncaught one
 * ends a Node process.
 *
 * @param {WebAssembly.Exports} exports
 * @param {string[]} quiet the names of exports that JavaScript calls by itself
 * @param {(failure: Error) => void} onTrap called once, before whoever called in hears of it
 */
export function guard(exports, quiet, onTrap) {
  let failure;
  const guarded = (call, isQuiet) => (...args) => {
    try {
      if (!failure) {
        const result = call(...args);
        // A call that it made of its own may have trapped, and the JavaScript between them have caught that.
        if (!failure) return result;
      }
    } catch (cause) {
      if (!failure) {
        failure = new Error('tokenflight failed internally. This is a bug: please report it. The request may be tried '
          + 'again.', { cause });
        onTrap(failure);
      }
    }
    // The glue looks for an error in what a closure returns.
    if (isQuiet) return [];
    throw failure;
  };
  return Object.fromEntries(Object.entries(exports).map(([name, value]) => (
    [name, typeof value === 'function' ? guarded(value, quiet.includes(name)) : value]
  )));
}
