// The article's story, on the demo, as a customer lives it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { collectErrors, countNavigations, fillCart, launchBrowser, signIn, startShop } from './shop.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** A page of a browser profile of its own, signed in, with something in the cart. */
async function customer(context, { fill = true } = {}) {
  const shop = await startShop();
  context.after(() => shop.close());
  const profile = await browser.newContext();
  context.after(() => profile.close());
  const page = await profile.newPage();
  const errors = collectErrors(page);
  const sid = await signIn(page, shop.url);
  if (fill) await fillCart(page);
  return { shop, page, sid, errors };
}

/** Resolves with the result of the newest burst, as the time line itself counts it. */
const newestBurst = (page) => page.locator('#timeline .burst').first().evaluate((burst) => ({ ...burst.dataset }));

test('an order submitted on an expired token goes through: one refresh, one order, no navigation', async (t) => {
  const { shop, page, sid, errors } = await customer(t);
  const before = await shop.record(sid);
  await page.locator('#expire-token').click();
  await page.locator('#message').filter({ hasText: 'no longer' }).waitFor();
  await page.locator('#timeline').getByRole('button', { name: 'Clear' }).click();
  const navigations = countNavigations(page);

  await page.locator('#submit-order').click();
  await page.locator('#order-result[data-arrivals]').waitFor();

  assert.equal(await page.locator('#order-result').getAttribute('data-arrivals'), '1');
  const record = await shop.record(sid);
  assert.equal(record.refreshes - before.refreshes, 1, 'one refresh');
  assert.equal(record.reuses, 0);
  assert.equal(record.orders, 1, 'one order');
  assert.equal(record.unauthorized - before.unauthorized, 3, 'the three requests met the expired token');
  assert.deepEqual(navigations, []);
  assert.deepEqual(errors, []);
});

test('20 requests at once on an expired token: 20 401s, one refresh, 20 replays', async (t) => {
  const { shop, page, sid, errors } = await customer(t, { fill: false });
  await page.locator('#expire-token').click();
  await page.locator('#message').filter({ hasText: 'no longer' }).waitFor();
  await page.locator('#timeline').getByRole('button', { name: 'Clear' }).click();

  await page.locator('#fire-20').click();
  await page.locator('#message').filter({ hasText: '20 of 20' }).waitFor();

  const { calls, unauthorized, refreshes, replays, failed } = await newestBurst(page);
  assert.equal(calls, '20');
  assert.equal(refreshes, '1');
  // Chromium sends six at a time to one host: whatever has not gone out when the first 401 comes back has
  // done so already, for fetch has been called. So each of the twenty meets the expired token.
  assert.equal(unauthorized, '20');
  assert.equal(replays, '20');
  assert.equal(failed, '0');
  const result = '20 requests met an expired token. One refresh, 20 replays, nothing lost.';
  assert.equal(await page.locator('#timeline .burst .result').first().textContent(), result);
  assert.ok((await page.locator('#message').textContent()).endsWith(result), 'it is said, too');
  assert.equal((await shop.record(sid)).refreshes, 1);
  assert.deepEqual(errors, []);
});

test('a revoked session leads to the login page once, with both tokens gone and every promise settled', async (t) => {
  const { page, errors } = await customer(t, { fill: false });
  await page.locator('#revoke-session').click();
  await page.locator('#message').filter({ hasText: 'revoked' }).waitFor();
  const navigations = countNavigations(page);

  await page.locator('#fire-20').click();
  await page.waitForURL('**/login?returnTo=*');
  await page.locator('#sign-in-user').waitFor();

  assert.equal(navigations.filter((url) => url.includes('/login')).length, 1, 'one navigation');
  assert.deepEqual(await page.evaluate(() => [localStorage.accessToken, localStorage.refreshToken]), [undefined, undefined]);
  assert.deepEqual(errors, []);
});

test('a revoked session settles each of the waiting requests, also where the navigation does not happen', async (t) => {
  const { shop, page, sid } = await customer(t, { fill: false });
  const before = await shop.record(sid);
  await page.locator('#revoke-session').click();
  await page.locator('#message').filter({ hasText: 'revoked' }).waitFor();
  let navigations = 0;
  await page.route('**/login?*', (route) => {
    navigations += 1;
    return route.fulfill({ status: 204 }); // to a browser: stay where you are
  });

  await page.locator('#fire-20').click();
  // The time line marks a call that was rejected.
  const rejected = page.locator('#timeline li.call .outcome', { hasText: '401 → failed' });
  await rejected.nth(19).waitFor();

  const record = await shop.record(sid);
  assert.equal(record.refreshes - before.refreshes, 1, 'one refresh, which was refused');
  assert.equal(record.unauthorized - before.unauthorized, 20, 'nobody was sent twice');
  assert.equal(navigations, 1);
});

test('a failing token server leaves the user signed in, and the order goes through afterwards', async (t) => {
  const { shop, page, sid, errors } = await customer(t);
  await page.locator('#outage').click();
  await page.locator('#message').filter({ hasText: 'fails for 5 s' }).waitFor();
  await page.locator('#outage-banner').filter({ hasText: 'Back in' }).waitFor();
  const navigations = countNavigations(page);

  await page.locator('#submit-order').click();
  await page.locator('#message').filter({ hasText: 'still signed in' }).waitFor();
  assert.equal((await shop.record(sid)).orders, 0);
  assert.ok(await page.evaluate(() => localStorage.accessToken && localStorage.refreshToken), 'tokens are kept');

  await page.locator('#outage-banner').filter({ hasText: /^$/ }).waitFor({ state: 'hidden' });
  await page.locator('#message').filter({ hasText: 'is back' }).waitFor();
  await page.locator('#submit-order').click();
  await page.locator('#order-result[data-arrivals]').waitFor();
  assert.equal(await page.locator('#order-result').getAttribute('data-arrivals'), '1');
  assert.equal((await shop.record(sid)).orders, 1);
  assert.deepEqual(navigations, []);
  assert.deepEqual(errors, []);
});
