// Storages that answer at once, and which of them is taken.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MEMORY, placeOf, TokenStorage } from '../../src/shell/storage.js';
import { pretend, storageOf, throwing, warningsOf } from './stand-ins.mjs';

const KEYS = ['access', 'refresh'];
const fails = () => { throw new DOMException('full', 'QuotaExceededError'); };

test('tokens are read and written under their keys', () => {
  const storage = storageOf({ access: 'one', refresh: 'two' });
  const tokens = new TokenStorage(storage, KEYS);
  assert.deepEqual([tokens.read(0), tokens.read(1)], ['one', 'two']);
  tokens.write(0, 'three');
  tokens.write(1, null);
  assert.deepEqual([...storage.held], [['access', 'three']]);
  assert.deepEqual([tokens.read(0), tokens.read(1), tokens.isSlow()], ['three', null, false]);
});

test('what is no string, or an empty one, or says that there is none, is no token', () => {
  for (const value of [undefined, null, '', 7, {}, Symbol('a'), 'undefined', 'null']) {
    assert.equal(new TokenStorage({ getItem: () => value }, KEYS).read(0), null);
  }
});

test('a token in quotes is taken as it is, with one warning', (t) => {
  const heard = warningsOf(t);
  const storage = new TokenStorage({ getItem: () => '"a.b.c"' }, KEYS);
  assert.deepEqual([storage.read(0), storage.read(1)], ['"a.b.c"', '"a.b.c"']);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /stands in quotes.*option `storage`/);
  assert.doesNotMatch(heard[0], /a\.b\.c/);
});

test('what a storage refuses is kept for as long as the storage is as it was', (t) => {
  const heard = warningsOf(t);
  const storage = { ...storageOf({ access: 'old' }), setItem: fails, removeItem: fails };
  const tokens = new TokenStorage(storage, KEYS);
  tokens.write(0, 'new');
  tokens.write(1, 'other');
  assert.deepEqual([tokens.read(0), tokens.read(1)], ['new', 'other']);
  tokens.write(0, null);
  assert.equal(tokens.read(0), null, 'a removal that was refused');
  storage.held.set('access', 'from elsewhere');
  assert.equal(tokens.read(0), 'from elsewhere');
  storage.held.set('access', 'old');
  assert.equal(tokens.read(0), 'old', 'the shadow is gone');
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^tokenflight: the token storage failed .* kept in memory/);
});

test('a storage that throws at everything loses nothing', (t) => {
  const heard = warningsOf(t);
  const tokens = new TokenStorage({ getItem: fails, setItem: fails, removeItem: fails }, KEYS);
  assert.equal(tokens.read(0), null);
  tokens.write(0, 'new');
  assert.equal(tokens.read(0), 'new');
  assert.equal(heard.length, 1);
});

test('memory is kept by whoever holds it', () => {
  const [one, other] = [new TokenStorage(MEMORY, KEYS), new TokenStorage(MEMORY, KEYS)];
  one.write(0, 'secret');
  assert.deepEqual([one.read(0), other.read(0)], ['secret', null]);
  one.write(0, null);
  assert.equal(one.read(0), null);
});

test('without a page, the local storage of Node is not even looked at', (t) => {
  pretend(t, { localStorage: throwing(), sessionStorage: throwing() });
  const heard = warningsOf(t);
  assert.equal(placeOf('local', {}), MEMORY);
  assert.equal(placeOf('session', {}), MEMORY);
  assert.deepEqual(heard, []);
});

test('a storage that is denied is replaced by memory, with one warning in a page', (t) => {
  const heard = warningsOf(t);
  pretend(t, { document: {}, window: globalThis, Window: class {}, localStorage: throwing(), sessionStorage: null });
  for (let clients = 0; clients < 3; clients += 1) {
    assert.equal(placeOf('local', {}), MEMORY);
    assert.equal(placeOf('session', {}), MEMORY);
  }
  assert.equal(heard.length, 2, 'one for each storage');
  const text = 'tokenflight: localStorage is not available; tokens are kept in memory and end with this page.';
  assert.equal(heard[0], text);
});

test('a storage that is missing is replaced by memory without a word', (t) => {
  const heard = warningsOf(t);
  pretend(t, { document: {}, window: globalThis, Window: class {}, localStorage: undefined });
  assert.equal(placeOf('local', {}), MEMORY);
  assert.deepEqual(heard, []);
});

test('a window gives its storages through Rust, and what only resembles one (jsdom) its own', (t) => {
  const [local, session, ofRust] = [storageOf(), storageOf(), storageOf()];
  pretend(t, { document: {}, window: globalThis, localStorage: local, sessionStorage: session });
  assert.equal(placeOf('local', {}), local);
  pretend(t, { Window: class {} });
  assert.equal(placeOf('session', {}), session);
  pretend(t, { Window: class { static [Symbol.hasInstance]() { return true; } } });
  assert.equal(placeOf('session', { storage: (isSession) => isSession && ofRust }), ofRust);
});

test('a storage of the caller is taken as it is', () => {
  const own = {};
  assert.equal(placeOf(own, {}), own);
});

test('a warning that cannot be given disturbs nobody', (t) => {
  t.mock.method(console, 'warn', fails);
  const tokens = new TokenStorage({ getItem: fails }, KEYS);
  assert.equal(tokens.read(0), null);
});
