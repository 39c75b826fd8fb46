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
  assert.equal(new Set(users.map(({ record }) => record)).size, 3);
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

test('tabs share the record of localStorage, of a storage that is shared, and of copies of one', (t) => {
  inWindow(t, { sessionStorage: storageOf() });
  const isShared = (storage) => open(storage).record.isShared();
  assert.deepEqual(
    ['local', 'session', 'memory', { get() {} }, { get() {}, shared: true }].map(isShared),
    [true, true, false, false, true],
  );
  assert.deepEqual([open('local').isCopied, open('session').isCopied], [false, true]);
  pretend(t, { localStorage: undefined });
  assert.equal(isShared('local'), false, 'localStorage that turned into memory');
});

test('the locks are those of the keys, wherever the tokens are: a refresh token may be a cookie', (t) => {
  const names = [];
  inWindow(t, { navigator: { locks: { request: (name) => { names.push(name); return new Promise(() => {}); } } } });
  for (const storage of ['local', { get() {} }, 'memory']) open(storage).locks.request(2);
  assert.deepEqual(names, Array(3).fill('tokenflight refresh 2'));
});

test('several access tokens of one refresh token have its record and its lock in common', (t) => {
  const names = [];
  inWindow(t, { navigator: { locks: { request: (name) => { names.push(name); return new Promise(() => {}); } } } });
  const isCookieSession = true;
  for (const storage of ['local', 'memory', { get() {} }]) {
    const [one, two] = ['one', 'two'].map((accessTokenKey) => open(storage, { accessTokenKey }));
    assert.notEqual(one, two);
    assert.equal(one.record, two.record);
    // In a cookie session there is no such token, and nothing tells that its cookie is the same.
    const [three, four] = ['one1', 'two1'].map((accessTokenKey) => open(storage, { accessTokenKey, isCookieSession }));
    assert.notEqual(three.record, four.record);
    for (const session of [one, two, three]) session.locks.request(0);
    assert.deepEqual(names.splice(0), ['tokenflight refresh 0', 'tokenflight refresh 0', 'tokenflight one1 refresh 0']);
  }
});

test('a duplicate of a tab has the record in common with it, and a new tab has not', (t) => {
  const keys = [];
  const tab = (sessionStorage) => {
    inWindow(t, { sessionStorage });
    open('session');
    return sessionStorage.getItem('tokenflight refresh');
  };
  const first = storageOf();
  const duplicate = storageOf();
  keys.push(tab(first));
  duplicate.setItem('tokenflight refresh', keys[0]);
  keys.push(tab(duplicate), tab(storageOf()));
  assert.ok(keys[0] && keys[0] === keys[1] && keys[0] !== keys[2], keys.join());
});

test('a storage of the own is subscribed to once, and no longer than its session lives', async (t) => {
  inWindow(t);
  const subscribed = [];
  let ended = 0;
  const storage = { get: () => null, subscribe: (listener) => { subscribed.push(listener); return () => { ended += 1; }; } };
  const begin = () => [open(storage), open(storage)].length;
  begin();
  assert.deepEqual([subscribed.length, ended], [1, 0]);
  subscribed[0]();
  await collect(() => { subscribed[0](); return ended > 0; });
  assert.ok(ended > 0);
});

test('a `subscribe` that throws, or that returns no function, disturbs nobody', async (t) => {
  inWindow(t);
  assert.doesNotThrow(() => open({ subscribe() { throw new Error('x'); } }));
  for (const nonsense of [undefined, null, 7, {}, 'x']) {
    let listener;
    let tells = 0;
    // The session is collected at once; the storage goes on telling of changes.
    open({ get: () => null, subscribe(given) { listener = given; return nonsense; } });
    await collect(() => { listener(); tells += 1; return tells > 3; });
    assert.doesNotThrow(listener, String(nonsense));
  }
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
