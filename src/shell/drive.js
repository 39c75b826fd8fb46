// Tasks: stepped until they have ended.

/** @import { Task } from './platform-types.d.ts' */

// Who waits here.
/** @type {Set<Drive>} */
const waiting = new Set();

/** @param {unknown} value @returns {value is PromiseLike<unknown>} */
const isThenable = (value) => typeof (/** @type {any} */ (value))?.then === 'function';

/**
 * What the task comes to. When the caller aborts, that is the signal's reason, at once, and the task has ended.
 *
 * @param {Task} task
 * @param {AbortSignal | null} [signal]
 * @returns {Promise<any>}
 */
export const drive = (task, signal) => new Promise((resolve, reject) => {
  new Drive(task, signal, resolve, reject).begin();
});

/**
 * Rejects whoever waits: what they wait for will not go on.
 * @param {unknown} error
 */
export function rejectAll(error) {
  for (const one of [...waiting]) one.end(() => one.reject(error));
}

/** Steps a task, and waits for what it waits for. */
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

  /** The step that the task makes now is its last one: what that brings is the result. */
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
   * The caller has aborted it during its last step; nobody waits for what that has begun.
   * @param {unknown} begun
   */
  #leave(begun) {
    Promise.resolve(begun).catch(() => {});
    this.#free();
  }

  /** A task that is being stepped, by code which has aborted it, is still in use. */
  #free() {
    if (this.#isStepping) return;
    try {
      this.task.free();
    } catch {
      // The instance that it belonged to is no more.
    }
  }
}
