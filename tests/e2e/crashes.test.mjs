// Tabs that die, or stand still, in the middle of a refresh: at each step of it (rules 3.1 to 3.4).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { launchBrowser } from './shop.mjs';
import { openProfile, until } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

// An IndexedDB transaction that stands still is waited for, for 5 s, before anything else.
const PATIENCE = 5000;

/** Resolves with the results of a tab's requests, and the milliseconds that they take. */
async function timed(answers) {
  const began = Date.now();
  return { answers: await answers, took: Date.now() - began };
}

/** Afterwards a fresh tab gets along, all agree on the tokens, and the server has seen no reuse. */
async function allIsWell(session, { refreshes }) {
  const fresh = await session.open();
  assert.deepEqual(await fresh.send(3), [200, 200, 200]);
  const record = await session.record();
  assert.deepEqual([record.reuses, record.revoked], [0, false], 'reuses');
  assert.ok(record.refreshes <= refreshes, `${record.refreshes} refreshes, at most ${refreshes}`);
  await session.expire();
  assert.deepEqual(await fresh.send(3), [200, 200, 200], 'after the next expiry');
  assert.equal((await session.record()).reuses, 0, 'reuses after the next expiry');
}

const DEATHS = {
  'when the lock is granted': { standAt: 'granted', refreshes: 1 },
  'when the record is told': { standAt: 'noting', refreshes: 1 },
  'before the refresh is sent': { standAt: 'sending', refreshes: 1 },
  'between the two tokens': { standAt: 'refreshToken', refreshes: 2 },
  'when both tokens are stored': { standAt: 'accessToken', refreshes: 1 },
  'before the lock is released': { standAt: 'releasing', refreshes: 1 },
};

for (const [when, { standAt, refreshes }] of Object.entries(DEATHS)) {
  test(`a tab dies ${when}: another one goes on`, async (t) => {
    const session = await openProfile(t, browser);
    const [dying, other] = [await session.open({ standAt }), await session.open()];
    await session.expire();
    dying.send().catch(() => {}); // it dies with its page
    await dying.stands;
    const waiting = timed(other.send(3));
    await pause(300);
    await dying.page.close();
    const { answers, took } = await waiting;
    assert.deepEqual(answers, [200, 200, 200]);
    assert.ok(took < 4000, `it took ${took} ms`);
    assert.deepEqual(other.navigations, []);
    await allIsWell(session, { refreshes });
  });
}

test('a tab is closed while the server works: the others go on, with one further refresh', async (t) => {
  const session = await openProfile(t, browser);
  const [closing, other] = [await session.open(), await session.open()];
  await session.expire();
  // The connection is closed before the token is spent.
  await session.faults({ hang: true });
  closing.send().catch(() => {});
  await until(async () => (await session.record()).refreshes === 1, 'the refresh has arrived');
  const waiting = timed(other.send(3));
  await closing.page.close();
  const { answers, took } = await waiting;
  assert.deepEqual(answers, [200, 200, 200]);
  assert.ok(took < 4000, `it took ${took} ms`);
  assert.deepEqual(other.navigations, []);
  await allIsWell(session, { refreshes: 2 });
});

test('an answer that dies with its tab is lost: a server without a grace period has the user sign in', async (t) => {
  const session = await openProfile(t, browser);
  const [closing, other] = [await session.open(), await session.open({ callback: true })];
  await session.expire();
  await session.faults({ spend: true, hang: true });
  closing.send().catch(() => {});
  await until(async () => (await session.record()).rotations === 1, 'the token is spent');
  await closing.page.close();
  assert.deepEqual(await other.send(3), ['SIGN_IN_REQUIRED', 'SIGN_IN_REQUIRED', 'SIGN_IN_REQUIRED']);
  assert.deepEqual(await other.stored(), [null, null]);
  assert.deepEqual(await other.page.evaluate(() => signedOut), ['refused']);
  assert.equal((await session.record()).refreshes, 2);
});

test('an answer that dies with its tab is no loss where the server has a grace period', async (t) => {
  const session = await openProfile(t, browser);
  const [closing, other] = [await session.open(), await session.open()];
  await session.expire();
  await session.faults({ spend: true, hang: true }, { forgive: true });
  closing.send().catch(() => {});
  await until(async () => (await session.record()).rotations === 1, 'the token is spent');
  await closing.page.close();
  assert.deepEqual(await other.send(3), [200, 200, 200]);
  assert.deepEqual(other.navigations, []);
  await allIsWell(session, { refreshes: 2 });
});

const PAUSES = {
  'with the lock': { standAt: 'granted', bound: 3000, again: 1000, refreshes: 2 },
  // Without a common record tabs cannot agree on another lock: the one there is is waited for each time.
  'with the record': { standAt: 'noting', bound: PATIENCE + 4500, again: 3000, refreshes: 2 },
};

for (const [how, { standAt, bound, again, refreshes }] of Object.entries(PAUSES)) {
  test(`a tab that stands still ${how} is left behind, and reads again when it goes on`, async (t) => {
    const session = await openProfile(t, browser);
    const standing = await session.open({ standAt, refreshTimeout: 1000, lockTimeout: 1000 });
    const other = await session.open({ refreshTimeout: 1000, lockTimeout: 1000 });
    await session.expire();
    const late = standing.send(2);
    const { goOn } = await standing.stands;
    const { answers, took } = await timed(other.send(3));
    assert.deepEqual(answers, [200, 200, 200]);
    assert.ok(took > 1000 && took < bound, `it took ${took} ms`);

    const next = await timed(other.page.evaluate(() => api.refresh()));
    assert.ok(next.took < again, `the next one took ${next.took} ms`);

    const stored = await other.stored();
    await goOn();
    assert.deepEqual(await late, [200, 200]);
    assert.deepEqual(await standing.stored(), stored, 'what is stored in the end');
    await allIsWell(session, { refreshes });
  });
}

test('a tab that is stopped while the server works overwrites nothing when it goes on', async (t) => {
  const session = await openProfile(t, browser);
  const times = { refreshTimeout: 1000, lockTimeout: 1000 };
  const [frozen, other] = [await session.open(times), await session.open(times)];
  // Stopped by the debugger: Playwright lets every page think that it has the focus, and such a page does not freeze.
  const devtools = await session.profile.newCDPSession(frozen.page);
  await devtools.send('Debugger.enable');
  const paused = new Promise((resolve) => { devtools.once('Debugger.paused', resolve); });
  await session.expire();
  await session.faults({ spend: true, delay: 500 }, { forgive: true });
  const late = frozen.send(2);
  await until(async () => (await session.record()).rotations === 1, 'the token is spent');
  await devtools.send('Debugger.pause');
  await paused;
  const { answers, took } = await timed(other.send(3));
  assert.deepEqual(answers, [200, 200, 200]);
  assert.ok(took < 4000, `it took ${took} ms`);
  const stored = await other.stored();
  await devtools.send('Debugger.disable');
  assert.deepEqual(await late, [200, 200]);
  assert.deepEqual(await frozen.stored(), stored);
  await allIsWell(session, { refreshes: 2 });
});

test('a page that is left in the middle of a refresh does not hold up the one that follows', async (t) => {
  const session = await openProfile(t, browser);
  const tab = await session.open();
  await session.expire();
  await session.faults({ hang: true });
  tab.send().catch(() => {}); // it is gone with its page
  await until(async () => (await session.record()).refreshes === 1, 'the refresh has arrived');
  await tab.page.reload();
  await tab.page.waitForFunction(() => typeof begin === 'function');
  await tab.page.evaluate(() => begin());
  const { answers, took } = await timed(tab.send(3));
  assert.deepEqual(answers, [200, 200, 200]);
  assert.ok(took < 4000, `it took ${took} ms`);
  await allIsWell(session, { refreshes: 2 });
});
