// Tasks are stepped until they have ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drive, rejectAll } from '../../src/shell/drive.js';
import { deferred, settle } from './stand-ins.mjs';

/** A task of these steps: functions of what was awaited, and the last one's value is the result. */
function taskOf(...steps) {
  const task = {
    frees: 0,
    inputs: [],
    isStepping: false,
    step(value, driver) {
      assert.equal(driver.task, task);
      assert.equal(task.frees, 0, 'a task that is freed is not called');
      task.inputs.push(value);
      task.isStepping = true;
      try {
        const step = steps.shift();
        if (!steps.length) driver.finish();
        return step(value);
      } finally {
        task.isStepping = false;
      }
    },
    free() {
      assert.equal(task.isStepping, false, 'a task is not freed while it is stepped');
      task.frees += 1;
    },
  };
  return task;
}

test('what was awaited is handed to the next step, and the last value is the result', async () => {
  const thenable = { then: (resolve) => resolve('three') };
  const task = taskOf(() => Promise.resolve('one'), () => 'two', () => thenable, () => 'end');
  assert.equal(await drive(task), 'end');
  assert.deepEqual([task.inputs, task.frees], [[undefined, 'one', 'two', 'three'], 1]);
});

test('the first step is made at once', () => {
  const task = taskOf(() => new Promise(() => {}), () => {});
  drive(task).catch(() => {}); // the last test ends whatever waits
  assert.equal(task.inputs.length, 1);
});

test('a result that is a promise is what that comes to', async () => {
  assert.equal(await drive(taskOf(() => Promise.resolve('end'))), 'end');
  const error = new Error('refused');
  await assert.rejects(drive(taskOf(() => Promise.reject(error))), (reason) => reason === error);
});

test('a rejection of what was awaited ends the task with it', async () => {
  for (const error of [new Error('own'), undefined, 'text']) {
    const task = taskOf(() => Promise.reject(error), () => 'never');
    await assert.rejects(drive(task), (reason) => reason === error);
    assert.deepEqual([task.inputs.length, task.frees], [1, 1]);
  }
});

test('a step that throws ends the task with that', async () => {
  const error = new Error('trap');
  const task = taskOf(() => Promise.resolve(), () => { throw error; }, () => {});
  await assert.rejects(drive(task), (reason) => reason === error);
  assert.equal(task.frees, 1);
});

test('an abort rejects at once, with its own reason, and the task has ended', async () => {
  const controller = new AbortController();
  const awaited = deferred();
  const task = taskOf(() => awaited.promise, () => 'never');
  const result = drive(task, controller.signal);
  const reason = new Error('left');
  controller.abort(reason);
  assert.equal(task.frees, 1);
  await assert.rejects(result, (error) => error === reason);
  awaited.resolve();
  await settle();
  assert.deepEqual([task.inputs.length, task.frees], [1, 1]);
});

test('a signal that is aborted already lets no step be made', async () => {
  const task = taskOf(() => 'never');
  await assert.rejects(drive(task, AbortSignal.abort('before')), (reason) => reason === 'before');
  assert.deepEqual([task.inputs.length, task.frees], [0, 1]);
});

test('a task that is aborted by its own step is freed when that has returned', async () => {
  for (const begun of [() => 'value', () => Promise.resolve(), () => Promise.reject(new Error('nobody hears'))]) {
    const controller = new AbortController();
    const task = taskOf(() => {
      controller.abort('within');
      return begun();
    }, () => 'never');
    await assert.rejects(drive(task, controller.signal), (reason) => reason === 'within');
    await settle();
    assert.deepEqual([task.inputs.length, task.frees], [1, 1]);
  }
});

test('no listener stays on the signal', async () => {
  const { signal } = new AbortController();
  let count = 0;
  const counted = {
    aborted: false,
    addEventListener: (...args) => { count += 1; signal.addEventListener(...args); },
    removeEventListener: (...args) => { count -= 1; signal.removeEventListener(...args); },
  };
  await drive(taskOf(() => Promise.resolve(), () => 'end'), counted);
  await drive(taskOf(() => Promise.reject(new Error('x')), () => 'end'), counted).catch(() => {});
  assert.equal(count, 0);
});

test('after a trap whoever waits is rejected, once, whatever becomes of the tasks', async () => {
  const error = new Error('trap');
  const tasks = [1, 2, 3].map(() => taskOf(() => new Promise(() => {}), () => {}));
  tasks[1].free = () => { throw new Error('this instance is dead'); };
  const results = tasks.map((task) => drive(task));
  rejectAll(error);
  for (const result of results) await assert.rejects(result, (reason) => reason === error);
  rejectAll(new Error('nobody waits any more'));
});
