// Which clients share a session (rules 1.6 and 1.7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openSession } from '../../src/shell/session.js';
import { collect, pretend, settle, storageOf } from './stand-ins.mjs';

const KEYS = { accessTokenKey: 'access', refreshTokenKey: 'refresh' };
const open = (storage, keys = {}) => openSession({ storage, ...KEYS, ...keys }, {});
const inWindow = (t, more = {}) => pretend(t, {
  document: {}, window: globalThis, Window: class {}, localStorage: storageOf(), ...more,
});

test('on a server, memory belongs to one client alone', () => {
  const users = ['ada', 'bob', 'eve'].map((user) => {
    const session = open('memory');
    session.storage.write(0, user);
    return session;
  });
  assert.deepEqual(users.map(({ storage }) => storage.read(0)), ['ada', 'bob', 'eve']);
  const local = open('local');
  assert.equal(local.storage.read(0), null, 'nor is it what localStorage turns into there');
});

for (const [name, globals] of Object.entries({
  'a worker of Deno’s': { WorkerNavigator: class {}, WorkerGlobalScope: class {}, self: globalThis },
  'a document that is undefined': { document: undefined, window: undefined },
  'a document to render with': { document: {}, localStorage: storageOf() },
  'a window to render with': { document: {}, window: {}, localStorage: storageOf() },
})) {
  test(`on a server, ${name} makes no page of it`, (t) => {
    pretend(t, globals);
    for (const storage of ['local', 'memory']) assert.notEqual(open(storage), open(storage), storage);
  });
}

test('on a server, clients that are given the same storage share its session', () => {
  const [own, other] = [{ get() {} }, { get() {} }];
  assert.equal(open(own), open(own));
  assert.notEqual(open(own), open(other));
});

test('on a server, no session waits for the lock of another user', async (t) => {
  let requests = 0;
  pretend(t, { navigator: { locks: { request: () => { requests += 1; } } } });
  for (const session of [open('memory'), open({ get() {} })]) session.locks.request(0).release();
  await settle();
  assert.equal(requests, 0);
});

test('in a window, clients of the same storage and keys share one session', (t) => {
  inWindow(t);
  for (const storage of ['local', 'memory', { get() {} }]) {
    assert.equal(open(storage), open(storage));
    assert.notEqual(open(storage), open(storage, { accessTokenKey: 'other' }));
    const [keys, likeThem] = [['a b', 'c'], ['a', 'b c']].map(([accessTokenKey, refreshTokenKey]) => (
      { accessTokenKey, refreshTokenKey }
    ));
    assert.notEqual(open(storage, keys), open(storage, likeThem));
  }
  assert.notEqual(open('local'), open('memory'));
});

test('in a worker, they do as well', (t) => {
  pretend(t, { WorkerNavigator: class {}, indexedDB: {} });
  assert.equal(open('memory'), open('memory'));
});

test('tabs share the record of localStorage, and no other', (t) => {
  inWindow(t, { sessionStorage: storageOf() });
  const isShared = (storage) => open(storage).record.isShared();
  assert.deepEqual(['local', 'session', 'memory', { get() {} }].map(isShared), [true, false, false, false]);
  pretend(t, { localStorage: undefined });
  assert.equal(isShared('local'), false, 'localStorage that turned into memory');
});

test('the locks are those of the keys, wherever the tokens are: a refresh token may be a cookie', (t) => {
  const names = [];
  inWindow(t, { navigator: { locks: { request: (name) => { names.push(name); return new Promise(() => {}); } } } });
  for (const storage of ['local', { get() {} }, 'memory']) open(storage).locks.request(2);
  assert.deepEqual(names, Array(3).fill('tokenflight access refresh 2'));
});

/** A session of memory that nobody refers to. */
function abandonedSession() {
  const session = open('memory');
  session.storage.write(0, 'secret');
  return new WeakRef(session);
}

test('a session to which nobody refers is collected, and another one begins', async (t) => {
  inWindow(t);
  const weak = abandonedSession();
  assert.ok(await collect(() => weak.deref() === undefined));
  assert.equal(open('memory').storage.read(0), null);
});

test('a runtime without weak references shares sessions all the same', (t) => {
  pretend(t, { WeakRef: undefined });
  const own = { get() {} };
  assert.equal(open(own), open(own));
});
