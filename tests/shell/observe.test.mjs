// Observers of a session, and what the devtools' one tells.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { observerOf } from '../../src/devtools/observer.js';
import { observe } from '../../src/shell/observe.js';

const call = { describe: () => 'GET /orders' };

test('without an observer, the answer is handed back as it is, and the call is not asked to describe itself', () => {
  const answer = Promise.resolve({ status: 200 });
  const subject = { describe: () => assert.fail('nobody has asked') };
  assert.equal(observe({ observers: new Set() }, 'call', subject, answer), answer);
});

test('an observer is told of the begin and of the status, under one id, and of nothing else', async () => {
  const seen = [];
  const session = { observers: new Set([observerOf((one) => seen.push(one))]) };
  const response = { status: 401, headers: 'secret', body: 'secret' };
  assert.equal(await observe(session, 'attempt', call, Promise.resolve(response)), response);
  await observe(session, 'call', call, Promise.resolve(undefined));
  await observe(session, 'refresh', {}, Promise.resolve({ status: 200, accessToken: 'secret' }));
  const [{ id }] = seen;
  const label = 'GET /orders';
  assert.deepEqual(seen, [
    { kind: 'attempt', id, label, outcome: undefined }, { kind: 'attempt', id, label, outcome: 401 },
    { kind: 'call', id, label, outcome: undefined }, { kind: 'call', id, label, outcome: 0 },
    { kind: 'refresh', id: id + 1, label: undefined, outcome: undefined },
    { kind: 'refresh', id: id + 1, label: undefined, outcome: 200 },
  ]);
});

test('of an error its name is told, and the caller gets the error', async () => {
  const seen = [];
  const session = { observers: new Set([observerOf(({ outcome }) => seen.push(outcome))]) };
  for (const error of [new TypeError('secret'), undefined, { name: Symbol('x') }]) {
    await assert.rejects(observe(session, 'call', {}, Promise.reject(error)), (reason) => reason === error);
  }
  assert.deepEqual(seen.filter(Boolean), ['TypeError', 'undefined', 'Symbol(x)']);
});

test('what is wrong in an observer is reported to the page, and not to the caller', async (t) => {
  const reported = [];
  t.mock.method(globalThis, 'queueMicrotask', (act) => {
    try {
      act();
    } catch ({ message }) {
      reported.push(message);
    }
  });
  const seen = [];
  const session = { observers: new Set([observerOf(() => { throw new Error('mine'); }), observerOf(({ outcome }) => seen.push(outcome))]) };
  assert.equal((await observe(session, 'call', {}, Promise.resolve({ status: 204 }))).status, 204);
  assert.deepEqual([seen, reported], [[undefined, 204], ['mine', 'mine']]);
});
