// Helpers that the suites share.

/** Rejects with `what` where a promise takes too long: nothing may hang. */
export function inTime(promise, what, ms = 15_000) {
  let timer;
  const late = new Promise((_resolve, reject) => { timer = setTimeout(() => reject(new Error(`${what} has not settled within ${ms} ms`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Calls; an exception that is thrown at once is a fault of ours, since `fetch` never throws. */
export function called(act) {
  try {
    return act();
  } catch (error) {
    throw new Error('it threw synchronously', { cause: error });
  }
}

/** Makes of a promise what became of it. */
export const settled = (promise) => promise.then((value) => ({ value }), (error) => ({ error }));

/** Fails where the module has trapped: no exception may have passed through it. */
export function checkErrors(...outcomes) {
  for (const { error } of outcomes) {
    const text = describe(error);
    if (text.includes('failed internally')) throw new Error('an exception has passed through WebAssembly', { cause: error });
    if (/secret-/.test(text)) throw new Error(`a token stands in an error: ${text}`);
  }
}

/** All that a log would show of an error; a hostile one may refuse. */
export function describe(error) {
  try {
    const cause = error?.cause;
    return `${error?.name} ${error?.message} ${JSON.stringify(error)} ${cause ? `${cause.message} ${JSON.stringify(cause)}` : ''}`;
  } catch {
    return 'an error that cannot be shown';
  }
}

/** Errors that nobody has handled: the page must not hear of any. */
export const unhandled = [];
globalThis.addEventListener?.('unhandledrejection', (event) => {
  unhandled.push(`${describe(event.reason)} ${event.reason?.stack}`);
  event.preventDefault();
});

export function checkUnhandled() {
  const all = unhandled.splice(0);
  if (all.length > 0) throw new Error(`nobody handled: ${all.join('; ')}`);
}

let counter = 0;
/** A storage in memory of its own, for one case. */
export function ownStorage() {
  const held = new Map();
  return { get: (key) => held.get(key) ?? null, set(key, value) { held.set(key, value); }, remove(key) { held.delete(key); } };
}

/** Another token each time. */
export const freshToken = (end = '') => `secret-${(counter += 1).toString(36)}${end}`;
