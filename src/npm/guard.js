// A panic of the Rust side traps: the call into WebAssembly ends there, and leaves the instance as it was in the middle
// of that call. Nothing may enter it again, and whoever waits for it would wait for ever.

/**
 * The exports of an instance, until it traps. From then on they throw, without entering it. What JavaScript calls by
 * itself is quiet then: nobody is there to catch, and in Node that would end the process.
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
