// Web Locks, and what stands in for them where there are none.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { releaseAll, releaseHeld, TabLocks } from '../../src/shell/locks.js';
import { deferred, pretend, settle, throwing } from './stand-ins.mjs';

/** A `navigator.locks` that grants a lock when it is told to. */
function manager() {
  const requests = [];
  return {
    requests,
    request(name, { signal }, callback) {
      const { promise, resolve, reject } = deferred();
      const request = { name, signal, isOver: false, grant: () => { resolve(callback()); } };
      promise.then(() => { request.isOver = true; }, () => {});
      signal.addEventListener('abort', () => reject(signal.reason));
      requests.push(request);
      return promise;
    },
  };
}

/** Resolves with true if the promise has settled by now. */
async function isOver(promise) {
  let over = false;
  promise.then(() => { over = true; });
  await settle();
  return over;
}

test('a lock is waited for, held, and let go', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const request = new TabLocks('tokenflight a b').request(3);
  assert.deepEqual(locks.requests.map(({ name }) => name), ['tokenflight a b 3']);
  const waited = request.wait(60_000);
  assert.deepEqual([await isOver(waited), request.isHeld()], [false, false]);
  locks.requests[0].grant();
  assert.equal(await isOver(waited), true);
  assert.deepEqual([request.isHeld(), request.isMissing(), locks.requests[0].isOver], [true, false, false]);
  assert.equal(await isOver(request.wait(60_000)), true, 'what is held is not waited for');
  request.release();
  await settle();
  assert.deepEqual([request.isHeld(), locks.requests[0].isOver], [false, true]);
});

test('patience ends a wait, and the request stays', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const request = new TabLocks('x').request(0);
  const waited = request.wait(300);
  t.mock.timers.tick(299);
  assert.equal(await isOver(waited), false);
  t.mock.timers.tick(1);
  assert.equal(await isOver(waited), true);
  assert.deepEqual([request.isHeld(), request.isMissing()], [false, false]);
  const again = request.wait(300);
  locks.requests[0].grant();
  assert.deepEqual([await isOver(again), request.isHeld()], [true, true]);
  request.release();
});

test('no timer is left when a wait has ended', async (t) => {
  const cleared = t.mock.method(globalThis, 'clearTimeout');
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const request = new TabLocks('x').request(0);
  const waited = request.wait(60_000);
  locks.requests[0].grant();
  await waited;
  assert.equal(cleared.mock.callCount(), 1);
  request.release();
});

test('another epoch ends the waits of its own session only', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const [own, other] = [new TabLocks('x'), new TabLocks('y')];
  const [one, two] = [own.request(0), other.request(0)];
  const [oneWaited, twoWaited] = [one.wait(60_000), two.wait(60_000)];
  own.wake();
  assert.deepEqual([await isOver(oneWaited), await isOver(twoWaited)], [true, false]);
  one.release();
  two.release();
  assert.equal(await isOver(twoWaited), true, 'who lets go does not wait');
});

test('a request that is withdrawn is not granted later, or lets go at once', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const request = new TabLocks('x').request(0);
  request.release();
  assert.equal(locks.requests[0].signal.aborted, true);
  assert.deepEqual([request.isHeld(), request.isMissing()], [false, false]);
  locks.requests[0].grant();
  await settle();
  assert.equal(request.isHeld(), false);
});

test('a page that is put away lets go of what it holds, and goes on waiting for the rest', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const session = new TabLocks('x');
  const [held, open] = [session.request(0), session.request(1)];
  locks.requests[0].grant();
  await settle();
  releaseHeld();
  await settle();
  assert.deepEqual([held.isHeld(), locks.requests[0].isOver], [false, true]);
  locks.requests[1].grant();
  await settle();
  assert.equal(open.isHeld(), true);
  open.release();
});

test('after a trap nothing is held, and nothing will be', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const session = new TabLocks('x');
  const [held, open] = [session.request(0), session.request(1)];
  locks.requests[0].grant();
  releaseAll();
  locks.requests[1].grant();
  await settle();
  assert.deepEqual([held.isHeld(), open.isHeld(), locks.requests[0].isOver], [false, false, true]);
});

test('a lock that another script has stolen is not held', async (t) => {
  let steal;
  const request = (_name, _options, callback) => new Promise((_resolve, reject) => {
    callback();
    steal = () => reject(new DOMException('stolen', 'AbortError'));
  });
  pretend(t, { navigator: { locks: { request } } });
  const lock = new TabLocks('x').request(0);
  await settle();
  assert.equal(lock.isHeld(), true);
  steal();
  await settle();
  assert.deepEqual([lock.isHeld(), lock.isMissing()], [false, false]);
});

test('where there are no locks, a wait is over at once, whatever the way in which they are missing', async (t) => {
  const fails = () => { throw new DOMException('denied', 'SecurityError'); };
  const ways = {
    'no navigator': undefined,
    'a navigator that throws': throwing(),
    'no locks': {},
    'locks that are null': { locks: null },
    'locks that throw when they are read': Object.defineProperty({}, 'locks', throwing()),
    'locks without request': { locks: {} },
    'locks that throw': { locks: { request: fails } },
    'locks that reject': { locks: { request: async () => fails() } },
    'locks that return nothing': { locks: { request: () => undefined } },
  };
  for (const [how, navigator] of Object.entries(ways)) {
    pretend(t, { navigator });
    const request = new TabLocks('x').request(0);
    assert.equal(await isOver(request.wait(60_000)), true, how);
    assert.deepEqual([request.isMissing(), request.isHeld()], [true, false], how);
    request.release();
  }
});

test('tokens that nobody else reads need no lock', async (t) => {
  const locks = manager();
  pretend(t, { navigator: { locks } });
  const request = new TabLocks(undefined).request(0);
  await settle();
  assert.deepEqual([request.isMissing(), locks.requests.length], [true, 0]);
});
