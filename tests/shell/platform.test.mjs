// One client's side of the browser, as Rust calls it: whatever throws there, Rust does not hear of it (rule 3.1).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RefreshUnavailableError, SessionChangedError, SignInRequiredError } from '../../src/shell/errors.js';
import { Listeners } from '../../src/shell/listeners.js';
import { TabLocks } from '../../src/shell/locks.js';
import { MEMORY, TokenStorage } from '../../src/shell/storage.js';
import { TabRecord } from '../../src/shell/record.js';
import { Platform } from '../../src/shell/platform.js';
import { SessionState } from '../../src/shell/snapshot.js';
import { deferred, pretend, settle } from './stand-ins.mjs';

function platformOf({ settings = {}, transport = {} } = {}) {
  const keys = ['access', 'refresh'];
  const session = {
    keys, storage: new TokenStorage(MEMORY, keys), record: new TabRecord(undefined), locks: new TabLocks(undefined),
    listeners: new Listeners(), observers: new Set(), state: new SessionState(),
  };
  return new Platform({ isCookieSession: false, ...settings }, session, transport);
}

/** Returns the events that listeners of all kinds hear. */
function eventsOf(platform) {
  const heard = [];
  for (const type of ['tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged']) {
    platform.session.listeners.add(type, (event) => heard.push(event));
  }
  return heard;
}

test('events are told when Rust has returned', async () => {
  const platform = platformOf();
  const heard = eventsOf(platform);
  const error = new Error('outage');
  platform.tokenRefreshed('new');
  platform.signedOut(true);
  platform.signedOut(false);
  platform.refreshUnavailable(error);
  platform.sessionChanged();
  assert.deepEqual(heard, []);
  await settle();
  assert.deepEqual(heard, [
    { type: 'tokenRefreshed', accessToken: 'new' }, { type: 'signedOut', reason: 'refused' },
    { type: 'signedOut', reason: 'signOut' }, { type: 'refreshUnavailable', error }, { type: 'sessionChanged' },
  ]);
});

test('a cookie session shows no token and keeps no refresh token', async () => {
  const platform = platformOf({ settings: { isCookieSession: true } });
  const heard = eventsOf(platform);
  platform.tokenRefreshed('mark');
  platform.write(0, 'mark');
  platform.write(1, 'refresh');
  await settle();
  assert.deepEqual(heard, [{ type: 'tokenRefreshed', accessToken: null }]);
  assert.deepEqual([platform.read(0), platform.read(1), platform.session.storage.read(1)], ['mark', null, null]);
});

test('the way to the login page begins when Rust has returned', async () => {
  const reasons = [];
  const platform = platformOf({ settings: { onSignedOut: ({ reason }) => reasons.push(reason) } });
  platform.goToLogin(true);
  assert.deepEqual(reasons, []);
  await settle();
  assert.deepEqual(reasons, ['refused']);
});

test('errors are of our classes, and have a cause where there is one', () => {
  const platform = platformOf();
  const cause = new Error('own');
  const signIn = platform.signInRequiredError('o', 've', 'r', cause);
  const outage = platform.refreshUnavailableError('l', 'at', 'er', 300, undefined);
  const changed = platform.sessionChangedError('le', 'ft');
  assert.ok(signIn instanceof SignInRequiredError && outage instanceof RefreshUnavailableError);
  assert.ok(changed instanceof SessionChangedError);
  assert.deepEqual([signIn.cause, outage.retryAfter, 'cause' in outage], [cause, 300, false]);
});

test('the log says whom it is about, and how long something took', (t) => {
  const lines = [];
  t.mock.method(console, 'debug', (line) => lines.push(line));
  const platform = platformOf();
  platform.log({ describe: () => 'GET /orders' }, '', 12.7, 'goes on after');
  platform.log(undefined, 'after', 229, 'renewed');
  platform.log(undefined, '', Number.NaN, 'starts');
  assert.deepEqual(lines, [
    'tokenflight: GET /orders: goes on after 12 ms',
    'tokenflight: the refresh, after 229 ms: renewed',
    'tokenflight: the refresh: starts',
  ]);
});

test('a console that throws is not heard of', (t) => {
  t.mock.method(console, 'debug', () => { throw new Error('hostile'); });
  platformOf().log(undefined, '', 1, 'starts');
});

test('a response that throws when it is judged is no 401', () => {
  const transport = { isUnauthorized: ({ status }) => status === 401 };
  const platform = platformOf({ transport });
  assert.equal(platform.isUnauthorized({ status: 401 }), true);
  assert.equal(platform.isUnauthorized({ get status() { throw new Error('hostile'); } }), false);
  assert.equal(platform.isUnauthorized(undefined), false);
});

test('work that belongs to no caller begins when Rust has returned', async () => {
  const steps = [];
  const end = deferred();
  const task = { step: (_, driver) => { steps.push('step'); driver.finish(); return end.promise; }, free() {} };
  const driven = platformOf().drive(task);
  assert.deepEqual(steps, []);
  end.resolve('landed');
  assert.equal(await driven, 'landed');
});

test('clocks go on, the wall clock with its jumps', (t) => {
  const platform = platformOf();
  const [early, about] = [platform.now(), platform.aboutNow()];
  assert.ok(Math.abs(about - early) < 1000);
  t.mock.timers.enable({ apis: ['Date'], now: 5 });
  assert.equal(platform.wallClock(), 5);
  const random = platform.random();
  assert.ok(random >= 0 && random < 1);
});

test('about now follows the wall clock for a second, and a clock that is set back not at all', (t) => {
  let monotonic = 100_000;
  pretend(t, { performance: { now: () => monotonic } });
  t.mock.timers.enable({ apis: ['Date'], now: 1e12 });
  const platform = platformOf();
  assert.equal(platform.aboutNow(), 100_000);
  t.mock.timers.setTime(1e12 + 999);
  monotonic = 200_000;
  assert.equal(platform.aboutNow(), 100_999);
  t.mock.timers.setTime(1e12 + 1000);
  assert.equal(platform.aboutNow(), 200_000);
  t.mock.timers.setTime(1e12 - 5000);
  monotonic = 300_000;
  assert.equal(platform.aboutNow(), 300_000);
});

test('a wait beyond what timers can hold does not end early', (t) => {
  const waits = [];
  t.mock.method(globalThis, 'setTimeout', (_callback, ms) => { waits.push(ms); return { unref() {} }; });
  const platform = platformOf();
  platform.sleep(Infinity);
  platform.rest(2 ** 40);
  assert.ok(waits.length === 2 && waits.every((ms) => ms < 2 ** 31), `${waits}`);
});

test('a rest keeps no process alive, a sleep does', (t) => {
  const timers = [];
  t.mock.method(globalThis, 'setTimeout', () => {
    const timer = { isIdle: false, unref: () => { timer.isIdle = true; } };
    timers.push(timer);
    return timer;
  });
  const platform = platformOf();
  platform.sleep(1000);
  platform.rest(1000);
  assert.deepEqual(timers.map(({ isIdle }) => isIdle), [false, true]);
});
