// The record, wherever a database can be had and where none can. tests/browser/record.js has a real one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TabRecord } from '../../src/shell/record.js';
import { pass, pretend, settle, throwing } from './stand-ins.mjs';

/** A task that notes what it is given, and leaves what it is told to. */
const taskThatLeaves = (...left) => ({
  given: [],
  onRecord(stored) {
    this.given.push(stored);
    return left.shift();
  },
});

const numbers = (...values) => Float64Array.of(...values);

test('a record that nobody else reads is kept here: stored, left, and deleted', async () => {
  const record = new TabRecord(undefined);
  const task = taskThatLeaves(undefined, numbers(1, 2), undefined, null, undefined);
  assert.equal(record.isShared(), false);
  for (let n = 0; n < 5; n += 1) await record.exclusively(task);
  assert.deepEqual(task.given, [undefined, undefined, numbers(1, 2), numbers(1, 2), undefined]);
});

test('the task is not called before `exclusively` has returned: it is still being stepped', async () => {
  const record = new TabRecord(undefined);
  const task = taskThatLeaves();
  const done = record.exclusively(task);
  assert.equal(task.given.length, 0);
  await done;
  assert.equal(task.given.length, 1);
});

const later = (type, result) => () => {
  const request = Object.assign(new EventTarget(), { result });
  setTimeout(() => request.dispatchEvent(new Event(type)));
  return request;
};
const fails = () => { throw new DOMException('denied', 'SecurityError'); };
const database = (transaction) => Object.assign(new EventTarget(), { transaction, close() {} });

test('where no database can be had the record is this page\'s own, from the first call on', async (t) => {
  const ways = {
    'no database': undefined,
    'a getter that throws': throwing(),
    'an open that throws': { open: fails },
    'an open that returns nothing': { open: () => undefined },
    'an open that returns nonsense': { open: () => 7 },
    'an open that fails': { open: later('error') },
    'an open that gives nothing': { open: later('success') },
    'a transaction that throws': { open: later('success', database(fails)) },
    'a transaction that is nothing': { open: later('success', database(() => undefined)) },
    'a store that throws': { open: later('success', database(() => ({ objectStore: fails }))) },
    'a get that throws': { open: later('success', database(() => ({ objectStore: () => ({ get: fails }) }))) },
  };
  for (const [how, indexedDB] of Object.entries(ways)) {
    pretend(t, { indexedDB });
    const record = new TabRecord('a b');
    assert.equal(record.isShared(), true, how);
    const task = taskThatLeaves(numbers(7), undefined);
    await record.exclusively(task);
    assert.equal(record.isShared(), false, how);
    await record.exclusively(task);
    assert.deepEqual(task.given, [undefined, numbers(7)], how);
  }
});

test('a database that never answers is waited for once, for 5 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let opened = 0;
  pretend(t, { indexedDB: { open: () => { opened += 1; return new EventTarget(); } } });
  const record = new TabRecord('a b');
  const task = taskThatLeaves();
  record.exclusively(task);
  await settle();
  await pass(t, 4900);
  assert.equal(task.given.length, 0);
  await pass(t, 600);
  assert.equal(task.given.length, 1);
  await record.exclusively(task);
  assert.deepEqual([task.given.length, opened, record.isShared()], [2, 1, false]);
});

test('after 30 s the database is asked again: what held it up may be gone', async (t) => {
  let time = 0;
  t.mock.method(performance, 'now', () => time);
  pretend(t, { indexedDB: { open: fails } });
  const record = new TabRecord('a b');
  await record.exclusively(taskThatLeaves());
  const transaction = transactionOf(numbers(1));
  pretend(t, { indexedDB: { open: later('success', database(() => transaction)) } });
  time = 29_900;
  assert.equal(record.isShared(), false);
  time = 30_100;
  assert.equal(record.isShared(), true);
  const task = taskThatLeaves();
  const done = record.exclusively(task);
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  await transaction.read();
  await transaction.complete();
  await done;
  assert.deepEqual(task.given, [numbers(1)]);
});

test('a record that is closed opens its database again when it is needed', async (t) => {
  const closed = [];
  let isOpen = true;
  const transaction = transactionOf(numbers(1));
  const open = () => {
    if (!isOpen) fails();
    return transaction;
  };
  let opened = 0;
  const opens = later('success', Object.assign(database(open), { close: () => { closed.push(opened); isOpen = false; } }));
  pretend(t, { indexedDB: { open: () => { opened += 1; isOpen = true; return opens(); } } });
  const record = new TabRecord('a b');
  record.close();
  for (let n = 0; n < 2; n += 1) {
    const done = record.exclusively(taskThatLeaves());
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    await transaction.read();
    await transaction.complete();
    await done;
    record.close();
  }
  assert.deepEqual([closed, opened, record.isShared()], [[1, 2], 2, true]);
});

/** A transaction whose events come when they are called. */
function transactionOf(stored, put = () => {}) {
  const request = Object.assign(new EventTarget(), { result: stored });
  const transaction = Object.assign(new EventTarget(), {
    puts: [],
    isAborted: false,
    objectStore: () => ({
      get: () => request,
      put: (...args) => { put(); transaction.puts.push(args); },
      delete: (key) => transaction.puts.push([null, key]),
    }),
    abort() {
      transaction.isAborted = true;
      setTimeout(() => transaction.dispatchEvent(new Event('abort')));
    },
  });
  const tell = async (target, type) => {
    target.dispatchEvent(new Event(type));
    await settle();
  };
  return Object.assign(transaction, {
    read: () => tell(request, 'success'), complete: () => tell(transaction, 'complete'),
  });
}

test('the task has the record inside the transaction, and nothing is over before that is', async (t) => {
  for (const [left, puts] of [[numbers(2), [[numbers(2), 'a b']]], [null, [[null, 'a b']]], [undefined, []]]) {
    const transaction = transactionOf(numbers(1));
    pretend(t, { indexedDB: { open: later('success', database(() => transaction)) } });
    const task = taskThatLeaves(left);
    let isOver = false;
    const done = new TabRecord('a b').exclusively(task).then(() => { isOver = true; });
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    assert.equal(task.given.length, 0);
    await transaction.read();
    assert.deepEqual([task.given, transaction.puts, isOver], [[numbers(1)], puts, false]);
    await transaction.complete();
    await done;
  }
});

test('what is no record reads as none', async (t) => {
  const values = [undefined, null, 'text', 7, {}, [1, 2], { generation: 1 }, new ArrayBuffer(8), new Uint8Array(3)];
  for (const nonsense of values) {
    const transaction = transactionOf(nonsense);
    pretend(t, { indexedDB: { open: later('success', database(() => transaction)) } });
    const task = taskThatLeaves();
    const done = new TabRecord('a b').exclusively(task);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    await transaction.read();
    await transaction.complete();
    await done;
    assert.deepEqual(task.given, [undefined]);
  }
});

test('a transaction that breaks after the task had the record does not give it another one', async (t) => {
  const transaction = transactionOf(numbers(1), fails);
  pretend(t, { indexedDB: { open: later('success', database(() => transaction)) } });
  const record = new TabRecord('a b');
  const task = taskThatLeaves(numbers(2), undefined);
  const done = record.exclusively(task);
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  await transaction.read();
  await done;
  assert.deepEqual([task.given, transaction.isAborted, record.isShared()], [[numbers(1)], true, false]);
  await record.exclusively(task);
  assert.deepEqual(task.given, [numbers(1), numbers(2)], 'what this page has left is its own record from then on');
});

test('a transaction that comes after 5 s gives the task no second record', async (t) => {
  const transaction = transactionOf(numbers(1));
  const opening = Object.assign(new EventTarget(), { result: database(() => transaction) });
  pretend(t, { indexedDB: { open: () => opening } });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const task = taskThatLeaves(numbers(7));
  const done = new TabRecord('a b').exclusively(task);
  await settle();
  opening.dispatchEvent(new Event('success'));
  await settle();
  await pass(t, 5500);
  await done;
  assert.deepEqual(task.given, [undefined]);
  await transaction.read();
  assert.deepEqual([task.given.length, transaction.puts], [1, []]);
});

test('a task that throws ends its transaction, and the tabs have the record in common still', async (t) => {
  const transaction = transactionOf(numbers(1));
  pretend(t, { indexedDB: { open: later('success', database(() => transaction)) } });
  const record = new TabRecord('a b');
  const done = record.exclusively({ onRecord: () => { throw new Error('trap'); } });
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  await transaction.read();
  await done;
  assert.deepEqual([transaction.puts, transaction.isAborted, record.isShared()], [[], true, true]);
});
