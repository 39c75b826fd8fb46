// The demo's first page: the same order on an expired token, by three clients; and that everybody can use its pages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import statics from '@fastify/static';
import fastify from 'fastify';

import { buildStaticDemo } from '../../scripts/demo.mjs';
import { launchBrowser, openPage, scratchFolder, signIn } from './shop.mjs';

// The rules of the WCAG, checked by the program that most of the field checks them with.
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const openDemo = (t, { path = '/', latency = 20, ...options } = {}) => (
  openPage(t, browser, path, { shop: { latency }, ...options })
);

/** Returns the content of a client's column: its verdict, and the counts of its bursts, the newest first. */
const lane = (page, client) => page.locator(`[data-client=${client}]`).evaluate((section) => ({
  verdict: section.querySelector('.verdict').textContent,
  bursts: [...section.querySelector('tokenflight-timeline').shadowRoot.querySelectorAll('.burst')].map((burst) => ({
    ...Object.fromEntries(Object.entries(burst.dataset).map(([name, value]) => [name, Number(value)])),
    result: burst.querySelector('.result').textContent,
    first: burst.querySelector('li').className,
  })),
}));

/** Tokenflight's column of a window: what is behind another one is not drawn. */
async function drawnLane(page) {
  await page.bringToFront();
  await page.locator('#timeline-tokenflight .result').filter({ hasText: 'refresh' }).waitFor();
  return lane(page, 'tokenflight');
}

/** Presses a button of the first page, and waits until what it does is done. */
async function press(page, id) {
  await page.locator(id).click();
  await page.locator('.buttons [aria-disabled]').first().waitFor();
  await page.locator('.buttons:not(:has([aria-disabled]))').waitFor();
}

test('one button shows what becomes of 20 requests by plain fetch, by an interceptor and by tokenflight', async (t) => {
  const { page, errors, violations } = await openDemo(t);
  await press(page, '#submit');

  const plain = await lane(page, 'plain');
  assert.match(plain.verdict, /^Order lost/);
  assert.deepEqual([plain.bursts[0].unauthorized, plain.bursts[0].failed, plain.bursts[0].refreshes], [20, 20, 0]);

  const interceptor = await lane(page, 'interceptor');
  assert.match(interceptor.verdict, /^Order placed/);
  assert.equal(interceptor.bursts[0].failed, 0);
  assert.ok(interceptor.bursts[0].refreshes >= 1);

  const { verdict, bursts: [burst] } = await lane(page, 'tokenflight');
  assert.match(verdict, /^Order placed/);
  assert.deepEqual([burst.calls, burst.refreshes, burst.failed], [20, 1, 0]);
  assert.equal(burst.replays, burst.unauthorized, 'each 401 was replayed');
  assert.match(burst.first, /^refresh/, 'the refresh is the first row');
  assert.match(burst.result, /One refresh, \d+ replays, nothing lost\.$/);
  const spoken = await page.locator('#timeline-tokenflight [role=status]').textContent();
  assert.equal(spoken, `tokenflight: ${burst.result}`);
  assert.deepEqual([errors, violations], [[], []]);
});

test('the switch leaves one client', async (t) => {
  const { page } = await openDemo(t);
  await page.getByLabel('tokenflight', { exact: true }).check({ force: true });
  await press(page, '#submit');
  assert.equal((await lane(page, 'tokenflight')).bursts.length, 1);
  assert.equal((await lane(page, 'plain')).bursts.length, 0);
  assert.equal(await page.locator('.lane:visible').count(), 1);
});

test('an outage is counted down, and signs out the user of the interceptor alone', async (t) => {
  const { page } = await openDemo(t);
  await page.locator('#submit-in-outage').click();
  await page.locator('#outage-banner').filter({ hasText: /Back in \d s/ }).waitFor();
  await page.locator('#outage-banner').waitFor({ state: 'hidden' });
  await page.locator('.buttons:not(:has([aria-disabled]))').waitFor();

  const ours = await lane(page, 'tokenflight');
  assert.match(ours.bursts[1].result, /still signed in/);
  assert.equal(ours.bursts[1].failed, 20);
  assert.match(ours.verdict, /^Order placed/, 'after the outage');
  assert.match((await lane(page, 'interceptor')).verdict, /signed out/);
});

test('with two windows tokenflight refreshes once, and the other window says where the token is from', async (t) => {
  const { shop, profile, page } = await openDemo(t);
  const other = await profile.newPage();
  await other.goto(shop.url);
  await page.locator('#submit').filter({ hasText: 'in both windows' }).waitFor();
  await page.getByLabel('tokenflight', { exact: true }).check({ force: true });
  await press(page, '#submit');
  await other.locator('[data-client=tokenflight] .verdict').filter({ hasText: 'Order placed' }).waitFor();

  const [here, there] = [await drawnLane(page), await drawnLane(other)];
  const counts = [here, there].map(({ bursts: [burst] }) => burst);
  assert.equal(counts[0].refreshes + counts[1].refreshes, 1, 'one refresh for both');
  assert.deepEqual(counts.map(({ failed }) => failed), [0, 0]);
  const told = counts.find(({ refreshes }) => refreshes === 0);
  assert.match(told.first, /^adopted/);
  assert.match(told.result, /Another tab refreshed/);
});

test('without a server, a service worker answers in its place', async (t) => {
  const folder = scratchFolder(t);
  await buildStaticDemo(folder);
  const app = fastify({ forceCloseConnections: true });
  const apiCalls = [];
  app.addHook('onRequest', async ({ url }) => { if (url.includes('/api/')) apiCalls.push(url); });
  app.register(statics, { root: folder, prefix: '/some/folder/' });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  await page.goto(`${url}/some/folder/index.html`);
  await page.locator('.lanes').waitFor();
  await press(page, '#submit');
  assert.match((await lane(page, 'plain')).verdict, /^Order lost/);
  const { verdict, bursts: [burst] } = await lane(page, 'tokenflight');
  assert.match(verdict, /^Order placed/);
  assert.deepEqual([burst.calls, burst.refreshes, burst.failed], [20, 1, 0]);
  assert.deepEqual(apiCalls, [], 'nothing has left the browser');
});

test('the keyboard keeps its place: adding, the cart, signing in and out', async (t) => {
  const { shop, page } = await openDemo(t, { path: '/products' });
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.locator('#sign-in-submit').focus();
  await page.keyboard.press('Enter');
  await page.locator('#add-mug').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'view');

  await page.locator('#add-pen').focus();
  await page.keyboard.press('Enter');
  await page.locator('#message').filter({ hasText: 'Brass pen' }).waitFor();
  assert.equal(await focused(), 'add-pen');

  await page.goto(`${shop.url}/cart`);
  await page.locator('#less-pen').focus();
  await page.keyboard.press('Enter');
  await page.locator('#less-pen').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'cart-title', 'the line is gone');
  await page.locator('#submit-order').focus();
  await page.keyboard.press('Enter');
  await page.locator('#order-result[data-arrivals]').waitFor();
  assert.equal(await focused(), 'submit-order');

  await page.locator('#sign-out').focus();
  await page.keyboard.press('Enter');
  await page.locator('#sign-in-submit').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'view');
});

/** Resolves with axe-core's findings in the page as it is. */
async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

test('axe finds a fault that is planted', async (t) => {
  const { page } = await openDemo(t);
  await page.locator('.lanes').waitFor();
  await page.evaluate(() => document.querySelector('.lanes').append(new Image()));
  assert.match((await findings(page)).join(), /image-alt/);
});

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 320]) {
    test(`axe finds nothing, and everything fits: ${width} px, ${colorScheme}`, async (t) => {
      const { shop, page } = await openDemo(t, { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
      const check = async (what) => {
        assert.deepEqual(await findings(page), [], what);
        assert.ok(await fits(page), `${what} is wider than the window`);
      };
      await page.locator('.lanes').waitFor();
      await check('the first page');
      await page.locator('.second summary').click();
      await press(page, '#submit');
      await check('the first page, with results');
      await page.goto(`${shop.url}/login`);
      await page.locator('#sign-in-submit').waitFor();
      await check('the sign-in page');
      await signIn(page, shop.url);
      await page.locator('#outage').click();
      await page.locator('#outage-banner').filter({ hasText: 'Back in' }).waitFor();
      await page.locator('#fire-20').click();
      await page.locator('#message').filter({ hasText: 'still signed in' }).waitFor();
      await check('the shop in an outage');
      for (const path of ['/cart', '/orders', '/bench.html']) {
        await page.goto(`${shop.url}${path}`);
        await page.locator('main h1').waitFor();
        await check(path);
      }
    });
  }
}
