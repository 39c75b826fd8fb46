// Waiting, measuring and replacing, for all scenarios.

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits until `condition` holds; it may be asynchronous. */
export async function until(condition, what, patience = 5000) {
  const end = performance.now() + patience;
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await pause(10);
  }
}

/** Runs `act` while `object[name]` is another thing, and puts the old one back. */
export async function during(object, name, replacement, act) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { configurable: true, ...replacement });
  try {
    return await act();
  } finally {
    if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  }
}

/** The milliseconds that `promise` takes to settle. */
export async function duration(promise) {
  const began = performance.now();
  await Promise.allSettled([promise]);
  return performance.now() - began;
}
