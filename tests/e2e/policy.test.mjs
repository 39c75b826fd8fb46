// The demo under a strict Content-Security-Policy: nothing of the package needs more than it allows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { collectErrors, fillCart, launchBrowser, signIn, startShop, watchPolicy } from './shop.mjs';

const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'";

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

async function openShop(t) {
  const shop = await startShop();
  t.after(() => shop.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  return { shop, page, violations: await watchPolicy(page) };
}

/** Orders with an expired token. */
async function order(page, url) {
  await signIn(page, url);
  await fillCart(page);
  await page.locator('#expire-token').click();
  await page.locator('#message').filter({ hasText: 'no longer' }).waitFor();
  await page.locator('#submit-order').click();
  await page.locator('#order-result[data-arrivals="1"]').waitFor();
}

/** Serves each page with another policy than the demo's own. */
function servePolicy(page, policy) {
  return page.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const response = await route.fetch();
    return route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
  });
}

test('the demo is served with that policy, or a stricter one', async (t) => {
  const { shop } = await openShop(t);
  const policy = (await fetch(`${shop.url}/`)).headers.get('content-security-policy');
  const directives = Object.fromEntries(policy.split('; ').map((text) => text.split(/ (.*)/)));
  assert.equal(directives['default-src'], "'none'"); // what the page may load is named one by one
  assert.equal(directives['script-src'], "'self' 'wasm-unsafe-eval'");
  assert.equal(directives['require-trusted-types-for'], "'script'");
  const others = Object.entries(directives).filter(([name]) => name.endsWith('-src') && name !== 'script-src');
  for (const [name, sources] of others) assert.match(sources, /^'(none|self)'$/, name);
});

for (const [name, policy] of Object.entries({ 'its own policy': null, [STRICT]: STRICT })) {
  test(`an order on an expired token goes through under ${name}, and violates nothing`, async (t) => {
    const { shop, page, violations } = await openShop(t);
    const errors = collectErrors(page);
    if (policy) await servePolicy(page, policy);
    await order(page, shop.url);
    assert.deepEqual(violations, []);
    assert.deepEqual(errors, []);
  });
}

test("without 'wasm-unsafe-eval' the violation is seen", async (t) => {
  const { shop, page, violations } = await openShop(t);
  await servePolicy(page, STRICT.replace(" 'wasm-unsafe-eval'", ''));
  const failed = page.waitForEvent('pageerror', { timeout: 15_000 });
  await page.goto(`${shop.url}/login`);
  assert.match((await failed).message, /Add 'wasm-unsafe-eval' to its script-src/);
  for (let looks = 0; violations.length === 0 && looks < 50; looks += 1) await page.waitForTimeout(100);
  // Once by the module, and once more when the reason is looked for.
  assert.deepEqual([...new Set(violations)], ['script-src forbids wasm-eval']);
});
