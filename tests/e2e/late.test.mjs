// Answers that come after `refreshTimeout`, with a server that ends the session of whoever presents a token twice (3.5).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser } from './shop.mjs';
import { openProfile, times, until } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const HASTY = { refreshTimeout: 2500, lockTimeout: 2500 };
const all = (tabs, act) => Promise.all(tabs.map(act));

async function counts({ record }) {
  const { refreshes, rotations, reuses, revoked } = await record();
  return { refreshes, rotations, reuses, revoked };
}

const ONE = { refreshes: 1, rotations: 1, reuses: 0, revoked: false };

test('a late answer serves all tabs, and none of them presents its token again until it has come', async (t) => {
  const session = await openProfile(t, browser);
  const [third, ...tabs] = await Promise.all(times(5, () => session.open(HASTY)));
  await session.expire();
  await session.faults({ delay: 7000 });
  assert.deepEqual((await all(tabs, (tab) => tab.send(2))).flat(), times(8, () => 'REFRESH_UNAVAILABLE'));
  assert.deepEqual(await third.send(), ['REFRESH_UNAVAILABLE']);
  assert.deepEqual(await counts(session), { ...ONE, rotations: 0 }, 'all of that was before the answer');
  const waits = await third.page.evaluate(() => api.fetch('/ping/0').catch(({ retryAfter }) => retryAfter));
  assert.ok(waits > 0 && waits < 2 * 2500 + 1000, String(waits));
  await until(async () => (await third.heard()).includes('tokenRefreshed'), 'the answer has come', 20_000);
  assert.deepEqual((await all([...tabs, third], (tab) => tab.send())).flat(), times(5, () => 200));
  assert.deepEqual(await counts(session), ONE);
});

test('a page that is loaded anew meanwhile waits until the request was given up', async (t) => {
  const session = await openProfile(t, browser);
  const [busy, other] = [await session.open(HASTY), await session.open(HASTY)];
  await session.expire();
  await session.faults({ delay: 60_000 });
  assert.deepEqual(await busy.send(), ['REFRESH_UNAVAILABLE']);
  const refreshes = async () => (await session.record()).refreshes;
  const before = await refreshes();
  await busy.page.reload();
  await busy.page.waitForFunction(() => typeof begin === 'function');
  await busy.page.evaluate((given) => begin(given), HASTY);
  assert.deepEqual((await all([busy, other], (tab) => tab.send(2))).flat(), times(4, () => 'REFRESH_UNAVAILABLE'));
  assert.equal(await refreshes(), before, 'nobody has asked again');
  await until(async () => (await other.send())[0] !== 'REFRESH_UNAVAILABLE', 'somebody asks again', 30_000);
});
