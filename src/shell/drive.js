// Drives tasks: steps each one and awaits what it waits for, until it has ended.

import { isThenable } from './clock.js';

/** @import { Task } from './platform-types.d.ts' */

// The tasks that are under way.
/** @type {Set<Drive>} */
export const waiting = new Set();

/**
 * Resolves to the result of the task. If the caller aborts, it rejects at once with the signal's reason, and the task
 * ends.
 *
 * @param {Task} task
 * @param {AbortSignal | null} [signal]
 * @returns {Promise<any>}
 */
export const drive = (task, signal) => new Promise((resolve, reject) => {
  new Drive(task, signal, resolve, reject).begin();
});

/**
 * Rejects everybody who waits: after a trap, no task of the old instance goes on.
 * @param {unknown} error
 */
export function rejectAll(error) {
  for (const one of [...waiting]) one.end(() => one.reject(error));
}

/** One task under way. */
class Drive {
  #signal;
  #resolve;
  /** @type {(() => void) | undefined} */
  #abort;
  #isStepping = false;
  #isLast = false;
  #isOver = false;

  /**
   * @param {Task} task
   * @param {AbortSignal | null | undefined} signal
   * @param {(value: unknown) => void} resolve
   * @param {(error: unknown) => void} reject
   */
  constructor(task, signal, resolve, reject) {
    this.task = task;
    this.#signal = signal;
    this.#resolve = resolve;
    this.reject = reject;
  }

  begin() {
    waiting.add(this);
    if (this.#signal) {
      this.#abort = () => this.#fail(this.#signal?.reason);
      if (this.#signal.aborted) return this.#abort();
      this.#signal.addEventListener('abort', this.#abort);
    }
    this.#step();
  }

  /** Marks the current step as the last one: its value is the result. */
  finish() { this.#isLast = true; }

  /** @param {() => void} settle */
  end(settle) {
    if (this.#isOver) return;
    this.#isOver = true;
    waiting.delete(this);
    if (this.#abort) this.#signal?.removeEventListener('abort', this.#abort);
    settle();
    this.#free();
  }

  /** @param {unknown} error */
  #fail = (error) => this.end(() => this.reject(error));

  /** @param {unknown} [input] what the task has waited for */
  #step = (input) => {
    if (this.#isOver) return;
    try {
      this.#isStepping = true;
      let value = input;
      do {
        value = this.task.step(value, this);
      } while (!this.#isOver && !this.#isLast && !isThenable(value));
      this.#isStepping = false;
      if (this.#isOver) this.#leave(value);
      else if (this.#isLast) this.end(() => this.#resolve(value));
      else Promise.resolve(value).then(this.#step, this.#fail);
    } catch (error) {
      this.#isStepping = false;
      this.#fail(error);
    }
  };

  /**
   * Drops the promise that a step has begun, since the caller aborted during that step.
   * @param {unknown} begun
   */
  #leave(begun) {
    Promise.resolve(begun).catch(() => {});
    this.#free();
  }

  /** Frees the task, unless it is being stepped: code that runs in a step may have aborted it. */
  #free() {
    if (this.#isStepping) return;
    try {
      this.task.free();
    } catch {
      // Its instance has trapped: there is nothing left to free.
    }
  }
}
