// The synchronous view of a session (rule 1.8).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SessionState } from '../../src/shell/snapshot.js';
import { inPage } from './page.mjs';

const jwt = (claims) => `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

/** A client whose core says what `known` holds: status, epoch, token, and the time left. */
function stage(known = ['signedOut', 0, null, Number.NaN], { isSlow = false, peek = () => false } = {}) {
  const state = new SessionState();
  const platform = {
    known,
    looks: 0,
    core: { session: () => state.snapshot(...platform.known) },
    isSlow: () => isSlow,
    peek: () => peek(platform),
    sync: async () => { platform.looks += 1; },
    noticeChange: () => {},
  };
  const told = [];
  return {
    state, platform, told, read: () => state.read(platform), subscribe: () => state.subscribe(platform, (one) => told.push(one)),
    become(...next) { platform.known = next; state.noticeChange(platform); },
  };
}

test('a snapshot says what a JWT claims, and is frozen through and through', () => {
  const token = jwt({ sub: 'ünï', exp: 1700, roles: ['admin', { of: 'shop' }] });
  const snapshot = stage(['signedIn', 1, token, 5000]).read();
  assert.deepEqual(snapshot, {
    status: 'signedIn', subject: 'ünï', claims: { sub: 'ünï', exp: 1700, roles: ['admin', { of: 'shop' }] }, expiresAt: 1_700_000,
  });
  for (const part of [snapshot, snapshot.claims, snapshot.claims.roles, snapshot.claims.roles[1]]) assert(Object.isFrozen(part));
});

test('of an opaque token only its lifetime is known', async () => {
  await inPage({ Date: class extends Date { static now() { return 1_000_000; } } }, () => {
    assert.deepEqual(stage(['signedIn', 1, 'opaque', 4000.4]).read(),
      { status: 'signedIn', subject: null, claims: null, expiresAt: 1_004_000 });
  });
  for (const known of [['signedIn', 1, 'a.b.c', Number.NaN], ['signedIn', 1, null, Number.NaN], ['signedIn', 1, jwt([1]), Number.NaN]]) {
    assert.deepEqual(stage(known).read(), { status: 'signedIn', subject: null, claims: null, expiresAt: null });
  }
});

test('it is the same object until the status or the epoch changes', () => {
  const { read, platform } = stage();
  const first = read();
  assert.equal(read(), first);
  platform.known = ['signedIn', 1, 'a', Number.NaN];
  const second = read();
  assert.notEqual(second, first);
  platform.known = ['signedIn', 1, 'a', 77];
  assert.equal(read(), second);
  platform.known = ['signedIn', 2, 'b', 77];
  assert.notEqual(read(), second);
});

test('subscribers hear of each change once, with the snapshot, until they leave', async () => {
  const { become, read, subscribe, told } = stage();
  const leave = subscribe();
  become('signedIn', 1, 'a', Number.NaN);
  become('signedIn', 2, 'b', Number.NaN);
  assert.deepEqual(told, [], 'not while the code that changes it runs');
  // A read in between takes nothing from the subscribers.
  read();
  await undefined;
  await undefined;
  assert.deepEqual(told, [read()]);
  become('signedIn', 2, 'b', Number.NaN);
  await undefined;
  assert.equal(told.length, 1, 'nothing has changed');
  leave();
  become('signedOut', 3, null, Number.NaN);
  await undefined;
  assert.equal(told.length, 1);
});

test('a subscriber that throws disturbs nobody, and one may leave meanwhile', async () => {
  const { become, state, platform, subscribe, told } = stage();
  const reported = [];
  await inPage({ reportError: (error) => reported.push(error) }, async () => {
    state.subscribe(platform, () => { throw new Error('own'); });
    const leave = state.subscribe(platform, () => leave());
    subscribe();
    become('signedIn', 1, 'a', Number.NaN);
    await undefined;
    await undefined;
  });
  assert.deepEqual([reported.map(({ message }) => message), told.length], [['own'], 1]);
});

test('a storage of the caller’s own that answers at once is known at once', async () => {
  const peek = (platform) => {
    platform.known = ['signedIn', 1, jwt({ sub: 'ada' }), Number.NaN];
    return true;
  };
  const { read, subscribe, told, platform } = stage(['unknown', 0, null, Number.NaN], { isSlow: true, peek });
  subscribe();
  assert.equal(read().subject, 'ada');
  await undefined;
  await undefined;
  assert.deepEqual([told, platform.looks], [[], 0]);
});

test('a storage that answers later is read once somebody asks', async () => {
  const { read, subscribe, platform, told } = stage(['unknown', 0, null, Number.NaN], { isSlow: true });
  subscribe();
  assert.equal(read().status, 'unknown');
  platform.known = ['signedOut', 0, null, Number.NaN];
  for (let turn = 0; turn < 5; turn += 1) await undefined;
  assert.deepEqual([told.map(({ status }) => status), platform.looks > 0], [['signedOut'], true]);
});

test('the epochs of another core are not mistaken for those of the first', () => {
  const { state, platform, read } = stage(['signedIn', 1, jwt({ sub: 'ada' }), Number.NaN]);
  assert.equal(read().subject, 'ada');
  state.forget();
  platform.known = ['signedIn', 1, jwt({ sub: 'bob' }), Number.NaN];
  assert.equal(read().subject, 'bob');
});
