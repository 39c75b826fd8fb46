// Events of the page, as clients hear of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepFresh } from '../../src/shell/background.js';
import { Listeners } from '../../src/shell/listeners.js';
import { TabLocks } from '../../src/shell/locks.js';
import { Platform } from '../../src/shell/platform.js';
import { TabRecord } from '../../src/shell/record.js';
import { SessionState } from '../../src/shell/snapshot.js';
import { livePlatforms, watchPage } from '../../src/shell/watch.js';
import { collect, deferred, pass, pretend, settle } from './stand-ins.mjs';

/** A core that notes what it is told. */
function coreOf({ due = Infinity } = {}) {
  const core = { heard: [], due };
  const note = (name) => () => { core.heard.push(name); };
  Object.assign(core, {
    wake: note('wake'),
    noticeChange: note('change'),
    untilDue: () => core.due,
    refreshAhead: () => {
      core.heard.push('refresh');
      const end = core.refreshing;
      return { step: (_, driver) => { driver.finish(); return end; }, free() {} };
    },
  });
  return core;
}

/** A client with a session of its own, or of another one. */
function client({ core = coreOf(), session } = {}) {
  const own = session ?? {
    keys: ['access', 'refresh'], locks: new TabLocks(undefined), listeners: new Listeners(), state: new SessionState(),
    storage: { isSlow: () => false }, record: new TabRecord(undefined),
  };
  const platform = new Platform({}, own, {});
  platform.core = core;
  return platform;
}

// One window for all tests: the clients of those before are still told.
const window = new EventTarget();
const document = Object.assign(new EventTarget(), { hidden: false });
const counts = { listeners: 0 };
for (const target of [window, document]) {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  target.addEventListener = (...args) => { counts.listeners += 1; addEventListener.apply(target, args); };
  target.removeEventListener = (...args) => { counts.listeners -= 1; removeEventListener.apply(target, args); };
}
const { addEventListener, removeEventListener } = window;
Object.assign(globalThis, { window: globalThis, document, addEventListener, removeEventListener });
const tell = (type, members = {}) => window.dispatchEvent(Object.assign(new Event(type), members));
const show = (type) => document.dispatchEvent(new Event(type));

/** Makes clients that nobody refers to, but their own listeners. */
function watchTwenty() {
  for (let n = 0; n < 20; n += 1) {
    const platform = client();
    platform.session.listeners.add('signedOut', () => platform);
    watchPage(platform);
  }
  assert.deepEqual([counts.listeners, livePlatforms().length], [6, 20]);
}

test('a page has six listeners, however many clients there are, and none when they are collected', async () => {
  watchTwenty();
  assert.ok(await collect(() => counts.listeners === 0));
  assert.equal(livePlatforms().length, 0);
});

test('a change of the storage concerns those whose keys it is about', () => {
  const platform = client();
  watchPage(platform);
  for (const key of ['access', 'refresh', null, 'other', 'Access']) tell('storage', { key });
  assert.deepEqual(platform.core.heard, ['change', 'change', 'change']);
});

test('the network and the user wake it when they are back', () => {
  const platform = client();
  watchPage(platform);
  tell('online');
  tell('pageshow');
  show('visibilitychange');
  assert.deepEqual(platform.core.heard, ['wake', 'wake', 'wake']);
});

test('a hidden page is woken by the network, and does nothing in the background', () => {
  const platform = client();
  keepFresh(platform);
  watchPage(platform);
  document.hidden = true;
  tell('online');
  show('visibilitychange');
  assert.deepEqual(platform.core.heard, ['wake']);
  document.hidden = false;
  tell('online');
  assert.deepEqual(platform.core.heard, ['wake', 'wake', 'refresh']);
});

test('an `onLine` that throws counts as a network', (t) => {
  pretend(t, { navigator: Object.defineProperty({}, 'onLine', { get() { throw new Error('hostile'); } }) });
  const platform = client();
  watchPage(platform);
  keepFresh(platform);
  tell('online');
  assert.deepEqual(platform.core.heard, ['wake', 'refresh']);
});

test('a page that is frozen lets others delete the database', (t) => {
  const { session } = client();
  const close = t.mock.method(session.record, 'close');
  watchPage(client({ session }));
  tell('pagehide');
  assert.equal(close.mock.callCount(), 0);
  show('freeze');
  assert.equal(close.mock.callCount(), 1);
});

test('a page that is put away or frozen lets go of its locks', async (t) => {
  for (const leave of [() => tell('pagehide'), () => show('freeze')]) {
    pretend(t, { navigator: { locks: { request: (_name, _options, grant) => grant() } } });
    watchPage(client());
    const lock = new TabLocks('x').request(0);
    await settle();
    assert.equal(lock.isHeld(), true);
    leave();
    assert.equal(lock.isHeld(), false);
  }
});

test('the background refreshes when the token is due, and plans anew', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const platform = client({ core: coreOf({ due: 2000 }) });
  keepFresh(platform);
  await pass(t, 1900);
  assert.deepEqual(platform.core.heard, []);
  await pass(t, 100);
  assert.deepEqual(platform.core.heard, ['refresh']);
  await pass(t, 2000);
  assert.deepEqual(platform.core.heard, ['refresh', 'refresh']);
});

test('one refresh ends before the next one is planned, and one that fails ends nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const platform = client({ core: coreOf({ due: 1000 }) });
  const refreshing = deferred();
  platform.core.refreshing = refreshing.promise;
  keepFresh(platform);
  await pass(t, 5000);
  assert.equal(platform.core.heard.length, 1);
  refreshing.reject(new Error('outage'));
  await settle();
  await pass(t, 1000);
  assert.equal(platform.core.heard.length, 2);
});

test('without anything to wait for there is no timer, and another epoch makes a plan', async (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout', () => 1);
  const platform = client();
  const sibling = client({ core: coreOf({ due: 7000 }), session: platform.session });
  for (const one of [platform, sibling]) watchPage(one);
  keepFresh(platform);
  assert.equal(timers.mock.callCount(), 0);
  platform.core.due = 5000;
  sibling.epochChanged();
  assert.equal(timers.mock.callCount(), 0, 'Rust is not called while it runs');
  await settle();
  assert.deepEqual(timers.mock.calls.map(({ arguments: [, ms] }) => ms), [5000]);
});

test('a page that is hidden when the token is due catches up when it is seen again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const platform = client({ core: coreOf({ due: 1000 }) });
  keepFresh(platform);
  watchPage(platform);
  document.hidden = true;
  await pass(t, 5000);
  assert.deepEqual(platform.core.heard, []);
  document.hidden = false;
  tell('pageshow');
  assert.deepEqual(platform.core.heard, ['wake', 'refresh']);
});

/** A background whose client nobody refers to. */
function abandoned() {
  const platform = client({ core: coreOf({ due: 60_000 }) });
  keepFresh(platform);
  return { background: platform.background, weak: new WeakRef(platform) };
}

test('the background keeps no client alive, and does nothing without it', async () => {
  const { background, weak } = abandoned();
  assert.ok(await collect(() => weak.deref() === undefined));
  background.plan();
  await background.refresh();
});

test('a runtime without weak references, or without events, is left alone', (t) => {
  pretend(t, { WeakRef: undefined });
  const platform = client();
  watchPage(platform);
  keepFresh(platform);
});
