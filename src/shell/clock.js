// Clocks, and timers.

// Timers of browsers are 31 bits of milliseconds wide, and fire at once beyond.
const LONGEST = 2 ** 31 - 1;

/** Monotonic time, in ms. */
export const now = () => performance.now();

/** Time since 1970, in ms. All tabs share it; it may be wrong, and it may jump. */
export const wallClock = () => Date.now();

let readAt = -Infinity;
let reading = 0;

/**
 * Like {@link now}, but several times faster: it adds the wall clock's progress to the last reading of the monotonic
 * clock, which is renewed after a second, or when the wall clock was set back.
 */
export function aboutNow() {
  const wall = Date.now();
  const since = wall - readAt;
  if (since >= 0 && since < 1000) return reading + since;
  readAt = wall;
  reading = performance.now();
  return reading;
}

/**
 * @param {() => void} callback
 * @param {number} ms
 */
export const startTimer = (callback, ms) => setTimeout(callback, Math.min(ms, LONGEST));

/**
 * Starts a timer that does not keep Node alive.
 * @param {() => void} callback
 * @param {number} ms
 */
export function startIdleTimer(callback, ms) {
  const timer = startTimer(callback, ms);
  /** @type {{ unref?(): void }} */ (/** @type {unknown} */ (timer)).unref?.();
  return timer;
}

/**
 * Tells if a value has to be waited for.
 * @param {unknown} value
 * @returns {value is PromiseLike<unknown>}
 */
export const isThenable = (value) => typeof (/** @type {any} */ (value))?.then === 'function';

/**
 * Waits for an answer of the caller's, but not longer than `ms`: one that never comes must hold up nobody.
 *
 * @template T
 * @param {T | PromiseLike<T>} answer
 * @param {number} ms
 * @param {string} who named in the rejection
 * @returns {T | Promise<T>}
 */
export function within(answer, ms, who) {
  if (!isThenable(answer)) return answer;
  return new Promise((resolve, reject) => {
    const complaint = new Error(`${who} has not answered within refreshTimeout (${ms} ms).`);
    const timer = startTimer(() => reject(complaint), ms);
    Promise.resolve(answer).then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export const sleep = (ms) => new Promise((resolve) => { startTimer(resolve, ms); });

/**
 * Like {@link sleep}, but before work that nobody waits for.
 * @param {number} ms
 * @returns {Promise<void>}
 */
export const rest = (ms) => new Promise((resolve) => { startIdleTimer(resolve, ms); });

/**
 * Settles as `promise` does, or rejects once the page has been running for `ms` without it. Time in which the page is
 * frozen hardly counts, so that events it has missed are handled first.
 *
 * @template T
 * @param {PromiseLike<T>} promise
 * @param {number} ms
 * @returns {Promise<T>}
 */
export function whileRunning(promise, ms) {
  return new Promise((resolve, reject) => {
    let steps = 10;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const step = () => {
      steps -= 1;
      if (steps < 0) reject();
      else timer = setTimeout(step, ms / 10);
    };
    step();
    Promise.resolve(promise).then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
