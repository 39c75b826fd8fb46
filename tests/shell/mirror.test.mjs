// Storages of the caller's own, which may answer later.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StorageMirror } from '../../src/shell/mirror.js';
import { deferred, pass, settle, warningsOf } from './stand-ins.mjs';

const KEYS = ['access', 'refresh'];

/** A storage that notes what it is asked for, and answers when `answer` is called. */
function slowStorage(entries = {}) {
  const held = new Map(Object.entries(entries));
  const calls = [];
  const open = [];
  const ask = (name, act) => (...args) => {
    calls.push([name, ...args].join(' '));
    const { promise, resolve, reject } = deferred();
    open.push({ answer: () => resolve(act(...args)), refuse: () => reject(new Error('broken')) });
    return promise;
  };
  return {
    held,
    calls,
    get: ask('get', (key) => held.get(key)),
    set: ask('set', (key, value) => { held.set(key, value); }),
    remove: ask('remove', (key) => { held.delete(key); }),
    next: async (how = 'answer') => {
      open.shift()[how]();
      await settle();
    },
  };
}

test('nothing is asked of the storage before somebody needs it', async () => {
  const storage = slowStorage();
  const mirror = new StorageMirror(storage, KEYS);
  assert.deepEqual([mirror.read(0), mirror.read(1), mirror.isSlow()], [null, null, true]);
  await mirror.flush();
  assert.deepEqual(storage.calls, []);
});

test('a sync reads both tokens at once', async () => {
  const storage = slowStorage({ access: 'one', refresh: 'two' });
  const mirror = new StorageMirror(storage, KEYS);
  const synced = mirror.sync();
  await settle();
  assert.deepEqual(storage.calls, ['get refresh', 'get access']);
  await storage.next();
  await storage.next();
  await synced;
  assert.deepEqual([mirror.read(0), mirror.read(1)], ['one', 'two']);
});

test('a storage that answers at once is known at once', () => {
  const asked = [];
  const get = (key) => { asked.push(key); return { access: 'one', refresh: 'two' }[key]; };
  const mirror = new StorageMirror({ get, set() {}, remove() {} }, KEYS);
  assert.equal(mirror.peek(), true);
  assert.deepEqual([mirror.read(0), mirror.read(1), asked], ['one', 'two', ['refresh', 'access']]);
});

test('a peek overtakes no write', () => {
  const mirror = new StorageMirror({ get: () => 'old', set() {}, remove() {} }, KEYS);
  mirror.write(0, 'new');
  assert.equal(mirror.peek(), true);
  assert.deepEqual([mirror.read(0), mirror.read(1)], ['new', 'old']);
});

test('a peek takes nothing from a storage that answers later, or fails', async () => {
  const answers = [
    () => Promise.resolve('one'), () => Promise.reject(new Error('broken')), () => { throw new Error('broken'); },
    () => ({ get then() { throw new Error('broken'); } }), () => ({ then() { throw new Error('broken'); } }),
    (key) => (key === 'access' ? Promise.resolve('one') : null),
  ];
  for (const get of answers) {
    const mirror = new StorageMirror({ get, set() {}, remove() {} }, KEYS);
    assert.equal(mirror.peek(), false, String(get));
    await settle();
    assert.deepEqual([mirror.read(0), mirror.read(1)], [null, null]);
  }
});

test('writes are known at once, and reach the storage one after the other', async () => {
  const storage = slowStorage({ access: 'old' });
  const mirror = new StorageMirror(storage, KEYS);
  mirror.write(1, 'two');
  mirror.write(0, null);
  assert.deepEqual([mirror.read(0), mirror.read(1)], [null, 'two']);
  let isStored = false;
  const stored = mirror.flush().then(() => { isStored = true; });
  await settle();
  assert.deepEqual(storage.calls, ['set refresh two']);
  await storage.next();
  assert.deepEqual([storage.calls.at(-1), isStored], ['remove access', false]);
  await storage.next();
  await stored;
  assert.deepEqual([...storage.held], [['refresh', 'two']]);
});

test('a write that another one follows is not begun any more', async () => {
  const storage = slowStorage({ access: 'old' });
  const mirror = new StorageMirror(storage, KEYS);
  const slots = [['refresh', 1], ['access', 0]];
  for (const [name, slot] of slots) mirror.write(slot, `granted ${name}`);
  await settle();
  for (const [, slot] of slots) mirror.write(slot, null);
  for (let n = 0; n < 3; n += 1) await storage.next();
  await mirror.flush();
  assert.deepEqual(storage.calls, ['set refresh granted refresh', 'remove refresh', 'remove access']);
});

test('a read that was under way does not undo a write', async () => {
  const storage = slowStorage({ access: 'old', refresh: 'old' });
  const mirror = new StorageMirror(storage, KEYS);
  const synced = mirror.sync();
  await settle();
  mirror.write(0, 'new');
  await storage.next();
  await storage.next();
  await synced;
  assert.deepEqual([mirror.read(0), mirror.read(1)], ['new', 'old']);
});

test('a sync after a write waits until that is stored', async () => {
  const storage = slowStorage();
  const mirror = new StorageMirror(storage, KEYS);
  const early = mirror.sync();
  mirror.write(0, 'new');
  const late = mirror.sync();
  assert.notEqual(late, early);
  await settle();
  for (let n = 0; n < 5; n += 1) await storage.next();
  await late;
  assert.deepEqual(storage.calls.slice(2), ['set access new', 'get refresh', 'get access']);
  assert.equal(mirror.read(0), 'new');
});

test('a hundred at once cost two syncs: the one that has begun, and one for all others', async () => {
  const storage = slowStorage({ access: 'one' });
  const mirror = new StorageMirror(storage, KEYS);
  const first = mirror.sync();
  await settle();
  const all = Array.from({ length: 100 }, () => mirror.sync());
  for (let n = 0; n < 4; n += 1) await storage.next();
  await Promise.all([first, ...all]);
  assert.equal(storage.calls.length, 4);
});

test('what the storage holds besides strings is no token', async () => {
  for (const value of [undefined, null, '', 7, {}, Symbol('a')]) {
    const mirror = new StorageMirror({ get: () => value }, KEYS);
    await mirror.sync();
    assert.equal(mirror.read(0), null);
  }
});

test('a write that is refused is kept here, until one is taken', async (t) => {
  const heard = warningsOf(t);
  const storage = slowStorage({ access: 'old' });
  const mirror = new StorageMirror(storage, KEYS);
  mirror.write(0, 'new');
  mirror.sync();
  await settle();
  await storage.next('refuse');
  await storage.next();
  await storage.next();
  assert.equal(mirror.read(0), 'new');
  mirror.write(0, 'newer');
  const synced = mirror.sync();
  await settle();
  await storage.next();
  storage.held.set('access', 'from elsewhere');
  await storage.next();
  await storage.next();
  await synced;
  assert.equal(mirror.read(0), 'from elsewhere');
  assert.equal(heard.length, 1);
});

test('a storage that throws at everything loses nothing, and is warned of once', async (t) => {
  const heard = warningsOf(t);
  const fail = () => { throw new Error('broken'); };
  const mirror = new StorageMirror({ get: fail, set: fail, remove: fail }, KEYS);
  mirror.write(0, 'one');
  await mirror.sync();
  mirror.write(1, 'two');
  await mirror.flush();
  await mirror.sync();
  assert.deepEqual([mirror.read(0), mirror.read(1)], ['one', 'two']);
  assert.equal(heard.length, 1);
});

test('a promise whose `then` throws has failed', async (t) => {
  warningsOf(t);
  const mirror = new StorageMirror({ get: () => ({ get then() { throw new Error('hostile'); } }) }, KEYS);
  await mirror.sync();
  assert.equal(mirror.read(0), null);
});

test('a read that never comes is waited for 5 s, and what comes too late says nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const heard = warningsOf(t);
  const storage = slowStorage({ access: 'stale', refresh: 'stale' });
  const mirror = new StorageMirror(storage, KEYS);
  let isOver = false;
  mirror.sync().then(() => { isOver = true; });
  await settle();
  await pass(t, 4900);
  assert.equal(isOver, false);
  await pass(t, 600);
  assert.equal(isOver, true);
  await storage.next();
  await storage.next();
  assert.deepEqual([mirror.read(0), mirror.read(1)], [null, null]);
  assert.equal(heard.length, 1);
});

test('a write that never ends holds up the next one for 5 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  warningsOf(t);
  const storage = slowStorage();
  const mirror = new StorageMirror(storage, KEYS);
  mirror.write(1, 'two');
  mirror.write(0, 'one');
  await settle();
  await pass(t, 5500);
  assert.deepEqual(storage.calls, ['set refresh two', 'set access one']);
  assert.deepEqual([mirror.read(0), mirror.read(1)], ['one', 'two']);
});
