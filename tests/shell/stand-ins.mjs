// Stand-ins for parts of a browser.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Replaces members of the global object until the test has ended. */
export function pretend(t, globals) {
  for (const [name, value] of Object.entries(globals)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    const isGetter = typeof value?.get === 'function' && Object.keys(value).length === 1;
    Object.defineProperty(globalThis, name, { configurable: true, ...(isGetter ? value : { value, writable: true }) });
    t.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete globalThis[name];
    });
  }
}

/** A member that throws whenever it is read. */
export const throwing = () => ({ get() { throw new DOMException('denied', 'SecurityError'); } });

/** Returns the warnings that are logged during the test. */
export function warningsOf(t) {
  const heard = [];
  t.mock.method(console, 'warn', (text) => heard.push(text));
  return heard;
}

/** A promise, and what settles it. */
export function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** Lets everything run that waits for nothing but microtasks. */
export const settle = () => new Promise((resolve) => { setImmediate(resolve); });

/** Lets time pass, in small steps, with what follows from each. */
export async function pass(t, ms, step = 100) {
  for (let passed = 0; passed < ms; passed += step) {
    t.mock.timers.tick(step);
    await settle();
  }
}

/** A `Storage`. */
export function storageOf(entries = {}) {
  const held = new Map(Object.entries(entries));
  return {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => { held.set(key, value); },
    removeItem: (key) => { held.delete(key); },
  };
}

/** Collects garbage until `condition` holds. */
export async function collect(condition) {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  for (let n = 0; n < 50 && !condition(); n += 1) {
    // An object that a weak reference has returned is kept until the code that runs now is through.
    await settle();
    gc();
    await settle();
  }
  return condition();
}

