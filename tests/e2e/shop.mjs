// The demo in a real browser: a server of its own for each test, and what the server has on record.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { buildServer } from '../../www/server/app.js';

const FLAGS = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic',
  '--disable-sync', '--no-first-run',
];

/** Starts Chromium as npm test has found it. */
export async function launchBrowser() {
  const executablePath = process.env.CHROME;
  if (!executablePath) throw new Error('CHROME is not set: run these tests by `npm test -- e2e`.');
  // Chromium refuses its sandbox to root.
  const options = { executablePath, args: FLAGS, chromiumSandbox: process.getuid?.() !== 0 };
  // It has been seen to crash while it starts. Twice in a row is a failure.
  return chromium.launch(options).catch(() => chromium.launch(options));
}

/** The demo's server on a free port, with the switches for tests, and the page's policy switched on. */
export async function startShop(options = {}) {
  const app = await buildServer({ testing: true, policy: true, ...options });
  const atOnce = { now: 0, most: 0 };
  app.addHook('onRequest', async ({ url }, reply) => {
    if (!url.endsWith('/refresh-token')) return;
    atOnce.now += 1;
    atOnce.most = Math.max(atOnce.most, atOnce.now);
    reply.raw.once('close', () => { atOnce.now -= 1; });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    /** How many refreshes there were at the same time, at most. */
    refreshesAtOnce: () => atOnce.most,
    close: () => app.close(),
    /** Resolves with the server's counts for the session `sid`. */
    async record(sid) {
      return (await app.inject({ url: `/api/test/stats?sid=${sid}` })).json();
    },
  };
}

/** A page of the demo in a profile of its own, with what goes wrong in it. */
export async function openPage(t, browser, path, { shop: shopOptions, ...options } = {}) {
  const shop = await startShop(shopOptions);
  t.after(() => shop.close());
  const profile = await browser.newContext(options);
  t.after(() => profile.close());
  const page = await profile.newPage();
  const errors = collectErrors(page);
  const violations = await watchPolicy(page);
  await page.goto(`${shop.url}${path}`);
  return { shop, profile, page, errors, violations };
}

/** Signs in with access tokens that live for `ttl` seconds, and returns the id of the session. */
export async function signIn(page, url, ttl = '3600') {
  await page.goto(`${url}/login`);
  await page.locator('#sign-in-user').fill('ada');
  await page.locator('#sign-in-password').fill('ada');
  await page.locator('#sign-in-ttl').evaluate((select, value) => {
    select.add(new Option(value, value));
    select.value = value;
  }, ttl);
  await page.locator('#sign-in-submit').click();
  await page.locator('#user').waitFor();
  return sessionOf(page);
}

/** Puts something in the cart and says where it is to go. */
export async function fillCart(page) {
  await page.locator('[id^="add-"]').first().click();
  await page.locator('nav a[href="/cart"]').click();
  for (const [name, value] of Object.entries({ name: 'Ada', street: 'Main 1', city: 'London', country: 'UK' })) {
    await page.locator(`#address-${name}`).fill(value);
  }
}

/** The id of the session in the stored access token. */
export function sessionOf(page) {
  return page.evaluate(() => JSON.parse(atob(localStorage.getItem('accessToken').split('.')[1])).sid);
}

/** Counts the documents that `page` loads from now on. */
export function countNavigations(page) {
  const urls = [];
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) urls.push(frame.url());
  });
  return urls;
}

/** Fails the test on whatever the page reports: uncaught errors, and rejections that nobody handles. */
export function collectErrors(page) {
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}

/** Collects what the policy of the documents that `page` loads has forbidden. */
export async function watchPolicy(page) {
  const violations = [];
  await page.exposeFunction('tellViolation', (text) => violations.push(text));
  await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => {
    tellViolation(`${event.effectiveDirective} forbids ${event.blockedURI || event.sample}`);
  }));
  return violations;
}

/** A folder that is gone when the test is over. */
export function scratchFolder(test) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
