// Expectations. What fails says what was expected and what came.

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Compares by value: JSON is enough for what the scenarios compare. */
export function equal(actual, expected, what) {
  const [came, wanted] = [show(actual), show(expected)];
  check(came === wanted, `${what}: expected ${wanted}, got ${came}`);
}

/** Compares by identity. */
export function same(actual, expected, what) {
  check(Object.is(actual, expected), `${what}: expected the very same ${show(expected)}, got ${show(actual)}`);
}

/** Resolves with the error that `promise` rejects with; `type` is the class that it has to be of. */
export async function rejection(promise, type, what = 'the rejection') {
  const [{ status, value, reason }] = await Promise.allSettled([promise]);
  check(status === 'rejected', `${what}: expected one, got ${show(value)}`);
  if (type) check(reason instanceof type, `${what}: expected a ${type.name}, got ${show(reason)}`);
  return reason;
}

/** The error that `act` throws. */
export function thrown(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, but nothing was thrown');
}

function show(value) {
  if (value instanceof Error || value instanceof DOMException) return `${value.name}: ${value.message}`;
  if (value instanceof Response) return `Response ${value.status}`;
  return JSON.stringify(value, (_key, member) => (member === undefined ? '(undefined)' : member));
}
