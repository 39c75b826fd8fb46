// examples/yew in a real browser: an app that is written in Rust altogether.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { collectErrors, countNavigations, launchBrowser, startShop } from '../e2e/shop.mjs';
import { RUST_APP } from '../../scripts/rust-app.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** The app, signed in. */
async function customer(t) {
  const shop = await startShop({ page: RUST_APP });
  t.after(() => shop.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  const errors = collectErrors(page);
  await page.goto(shop.url);
  await page.locator('#sign-in').click();
  await says(page, 'Welcome, Ada.');
  const sid = await page.evaluate(() => JSON.parse(atob(localStorage.getItem('accessToken').split('.')[1])).sid);
  return { shop, page, errors, sid };
}

const says = (page, text) => page.locator('#message').filter({ hasText: text }).waitFor({ timeout: 10_000 });

const tell = (shop, what, sid) => fetch(`${shop.url}/api/${what}`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ sid, seconds: 30 }),
});

test('an order submitted on an expired token goes through', async (t) => {
  const { shop, page, errors, sid } = await customer(t);
  await tell(shop, 'test/expire', sid);
  const navigations = countNavigations(page);
  await page.locator('#submit').click();
  await says(page, 'Thank you for your order.');
  await page.locator('#refreshes').filter({ hasText: '1' }).waitFor();
  const { refreshes, orders, unauthorized } = await shop.record(sid);
  assert.deepEqual({ refreshes, orders, unauthorized }, { refreshes: 1, orders: 1, unauthorized: 1 });
  assert.deepEqual([navigations, errors], [[], []]);
});

test('an outage is told, and the user stays signed in', async (t) => {
  const { shop, page, errors, sid } = await customer(t);
  await tell(shop, 'test/expire', sid);
  await tell(shop, 'demo/outage', sid);
  await page.locator('#submit').click();
  await says(page, 'Please try again in');
  assert.notEqual(await page.evaluate(() => localStorage.getItem('refreshToken')), null);
  assert.deepEqual(errors, []);
});

test('a session that is over asks for a sign-in', async (t) => {
  const { shop, page, errors, sid } = await customer(t);
  await tell(shop, 'demo/revoke', sid);
  await page.locator('#submit').click();
  await says(page, 'Please sign in.');
  assert.equal(await page.evaluate(() => localStorage.getItem('refreshToken')), null);
  assert.deepEqual(errors, []);
});
