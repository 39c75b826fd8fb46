// Tokens that tabs have in common in other ways: copies in `sessionStorage`, a storage of the application's own, and one
// refresh token for several audiences (1.6, 3.2). The server ends the session of whoever presents a token twice.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser } from './shop.mjs';
import { openProfile, times, until } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const all = (tabs, act) => Promise.all(tabs.map(act));

async function counts({ record }) {
  const { refreshes, rotations, reuses, revoked } = await record();
  return { refreshes, rotations, reuses, revoked };
}

const rotated = (count) => ({ refreshes: count, rotations: count, reuses: 0, revoked: false });

const OPTIONS = { storage: 'session', callback: true };

/** A tab that has its tokens in `sessionStorage`, and a duplicate of it. */
async function openCopies(session) {
  const one = await session.open(OPTIONS);
  await one.page.evaluate(({ accessToken, refreshToken }) => {
    Object.assign(sessionStorage, { accessToken, refreshToken });
  }, session.tokens);
  assert.deepEqual(await one.send(), [200]);
  const [page] = await Promise.all([
    session.profile.waitForEvent('page'),
    one.page.evaluate(() => { open(location.href); }),
  ]);
  await page.waitForFunction(() => typeof begin === 'function');
  await page.evaluate((given) => begin(given), OPTIONS);
  return [one.page, page];
}

const sendIn = (page) => page.evaluate(() => send(2));

for (const how of ['at once', 'one after the other']) {
  test(`two copies of a session refresh ${how}: one ends alone, and the other lives`, async (t) => {
    const session = await openProfile(t, browser, { stored: false });
    const copies = await openCopies(session);
    await session.expire();
    const answers = how === 'at once'
      ? await all(copies, sendIn)
      : [await sendIn(copies[0]), await sendIn(copies[1])];
    assert.deepEqual(answers.map(String).sort(), ['200,200', 'SIGN_IN_REQUIRED,SIGN_IN_REQUIRED']);
    assert.deepEqual(await counts(session), rotated(1));
    const living = copies[answers.findIndex(([first]) => first === 200)];
    const dead = copies.find((page) => page !== living);
    assert.deepEqual(
      await dead.evaluate(() => [sessionStorage.accessToken ?? null, sessionStorage.refreshToken ?? null, signedOut.length]),
      [null, null, 1],
    );
    await session.expire();
    assert.deepEqual(await sendIn(living), [200, 200]);
    assert.deepEqual(await counts(session), rotated(2));
  });
}

test('four tabs over one object of the application: one refresh for one expiry', async (t) => {
  const session = await openProfile(t, browser, { stored: false });
  const tabs = await Promise.all(times(4, () => session.open({ storage: 'user', callback: true })));
  await tabs[0].page.evaluate(({ accessToken, refreshToken }) => {
    localStorage.user = JSON.stringify({ name: 'Ada', accessToken, refreshToken });
  }, session.tokens);
  for (const round of [1, 2, 3, 4, 5]) {
    await session.expire();
    const answers = await all(tabs, (tab) => tab.send(3));
    assert.deepEqual(answers.flat(), times(12, () => 200));
    assert.deepEqual(await counts(session), rotated(round));
  }
  const [one, idle] = tabs;
  await one.page.evaluate(() => api.signOut());
  await until(async () => (await idle.heard()).includes('signedOut'), 'the sign-out is heard without a request');
  assert.deepEqual(await idle.page.evaluate(() => JSON.parse(localStorage.user)), { name: 'Ada' });
});

test('two audiences of one refresh token, in two tabs: it is never sent twice', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(2, () => session.open({ callback: true })));
  for (const { page } of tabs) {
    await page.evaluate(() => {
      localStorage.ordersToken = localStorage.accessToken;
      const first = api;
      begin({ accessTokenKey: 'ordersToken', callback: true });
      Object.assign(globalThis, { orders: api, api: first });
    });
  }
  const sendBoth = ({ page }) => page.evaluate(() => Promise.all([send(3), send(3, orders)]));
  for (const round of [1, 2, 3, 4]) {
    await session.expire();
    const answers = await all(tabs, sendBoth);
    assert.deepEqual(answers.flat(2), times(12, () => 200));
    assert.deepEqual(await counts(session), rotated(2 * round));
  }
});
