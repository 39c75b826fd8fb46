// Pages and workers that share a session through a storage of the application's own (rules 1.7 and 3.1).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser } from './shop.mjs';
import { openProfile, times } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const KINDS = ['dedicated', 'shared', 'service'];

/** Starts a worker of that kind; the page's `ask` passes on what it is asked for. */
function startWorker(page, kind) {
  return page.evaluate(async (wanted) => {
    const start = {
      dedicated: () => new Worker('/worker.js', { type: 'module' }),
      shared: () => new SharedWorker('/worker.js', { type: 'module' }).port,
      service: async () => {
        await navigator.serviceWorker.register('/worker.js', { type: 'module' });
        return (await navigator.serviceWorker.ready).active;
      },
    };
    globalThis.workers ??= {};
    workers[wanted] = await start[wanted]();
    globalThis.ask ??= (name, act, given) => new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value));
      workers[name].postMessage({ act, given }, [port2]);
    });
  }, kind);
}

function ask(page, kind, act, given) {
  return page.evaluate(([name, what, more]) => ask(name, what, more), [kind, act, given]);
}

test('a page, a dedicated, a shared and a service worker: one session, one refresh for one expiry', async (t) => {
  const session = await openProfile(t, browser, { stored: false });
  const tab = await session.open({ storage: 'database' });
  for (const kind of KINDS) {
    await startWorker(tab.page, kind);
    await ask(tab.page, kind, 'begin', { storage: 'database' });
  }
  await tab.page.evaluate((tokens) => api.signIn(tokens), session.tokens);
  for (const round of [1, 2, 3]) {
    await session.expire();
    const answers = await Promise.all([tab.send(5), ...KINDS.map((kind) => ask(tab.page, kind, 'send', 5))]);
    assert.deepEqual(answers.flat(), times(20, () => 200));
    const { refreshes, rotations, reuses } = await session.record();
    assert.deepEqual([refreshes, rotations, reuses], [round, round, 0]);
  }
  await tab.page.evaluate(() => api.signOut());
  for (const kind of KINDS) {
    assert.deepEqual(await ask(tab.page, kind, 'send', 2), ['SIGN_IN_REQUIRED', 'SIGN_IN_REQUIRED'], kind);
    assert.deepEqual(await ask(tab.page, kind, 'heard'), [...times(3, () => 'tokenRefreshed'), 'signedOut'], kind);
  }
  assert.deepEqual([tab.navigations, tab.errors], [[], []]);
});

for (const kind of KINDS) {
  test(`a ${kind} worker alone: tokens in memory, and an event in place of the navigation`, async (t) => {
    const session = await openProfile(t, browser, { stored: false });
    const tab = await session.open();
    await startWorker(tab.page, kind);
    await ask(tab.page, kind, 'begin', { callback: true });
    await ask(tab.page, kind, 'signIn', session.tokens);
    await session.expire();
    assert.deepEqual(await ask(tab.page, kind, 'send', 5), times(5, () => 200));
    assert.equal((await session.record()).refreshes, 1);
    await session.expire();
    await session.faults({ status: 401 });
    assert.deepEqual(await ask(tab.page, kind, 'send', 3), times(3, () => 'SIGN_IN_REQUIRED'));
    assert.deepEqual(await ask(tab.page, kind, 'signedOut'), ['refused']);
    assert.deepEqual(await ask(tab.page, kind, 'heard'), ['sessionChanged', 'tokenRefreshed', 'signedOut']);
    assert.deepEqual([tab.navigations, tab.errors], [[], []]);
  });

  test(`without a callback a ${kind} worker has the event alone`, async (t) => {
    const session = await openProfile(t, browser, { stored: false });
    const tab = await session.open();
    await startWorker(tab.page, kind);
    await ask(tab.page, kind, 'begin', {});
    await ask(tab.page, kind, 'signIn', session.tokens);
    await session.expire();
    await session.faults({ status: 401 });
    assert.deepEqual(await ask(tab.page, kind, 'send', 2), times(2, () => 'SIGN_IN_REQUIRED'));
    assert.deepEqual(await ask(tab.page, kind, 'heard'), ['sessionChanged', 'signedOut']);
    assert.deepEqual([tab.navigations, tab.errors], [[], []]);
  });
}
