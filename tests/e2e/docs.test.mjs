// The documentation: its samples do what it says, its links lead somewhere, its sizes are those of the package.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { build } from 'esbuild';

import { root } from '../../scripts/places.mjs';
import { sizes } from '../../scripts/sizes.mjs';
import { DOCUMENTS, writeSamples } from './documents.mjs';
import { launchBrowser, scratchFolder, startShop } from './shop.mjs';
import { until } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** A page in which `samples` are the runnable samples of a document, by their names; nobody is signed in. */
async function openSamples(t, path) {
  const folder = scratchFolder(t);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'tokenflight'));
  const runnable = writeSamples(path, folder).filter(({ name }) => name);
  const entry = join(folder, 'entry.ts');
  writeFileSync(entry, runnable.map(({ name, file }) => `export * as ${name.replaceAll('-', '_')} from './${file}';`).join('\n'));
  const bundle = join(folder, 'samples.js');
  await build({ entryPoints: [entry], outfile: bundle, bundle: true, format: 'iife', globalName: 'samples', logLevel: 'error' });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>samples</title>');

  const shop = await startShop({ page: folder, policy: false });
  t.after(() => shop.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  const navigations = [];
  await page.goto(shop.url);
  await page.route(/\/login/, (route) => {
    navigations.push(new URL(route.request().url()).pathname);
    return route.fulfill({ status: 204 }); // to a browser: stay where you are
  });
  await page.addScriptTag({ path: bundle });
  const switchOf = (name) => page.evaluate(async (path) => {
    const { sid } = JSON.parse(atob(localStorage.accessToken.split('.')[1]));
    await fetch(`/api/demo/${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ sid }),
    });
    return sid;
  }, name);
  return { shop, page, navigations, expire: () => switchOf('expire'), revoke: () => switchOf('revoke') };
}

test('the quick start signs in, calls on an expired token, shows errors, signs out', async (t) => {
  const { shop, page, navigations, expire, revoke } = await openSamples(t, 'README.md');
  const submit = () => page.evaluate(() => samples.order.submit(crypto.randomUUID()));
  const wrong = await page.evaluate(() => samples.session.signIn('ada', 'wrong').catch(({ code, status }) => [code, status]));
  assert.deepEqual(wrong, ['HTTP_ERROR', 401]);

  await page.evaluate(() => samples.session.signIn('ada', 'ada'));
  assert.match(await submit(), /^Order [\w-]+ is placed\.$/);
  const sid = await expire();
  assert.match(await submit(), /^Order [\w-]+ is placed\.$/);
  const { refreshes, orders } = await shop.record(sid);
  assert.deepEqual({ refreshes, orders }, { refreshes: 1, orders: 2 });

  await revoke();
  assert.equal(await submit(), 'Your session is over. Please sign in again.');
  await until(() => navigations.length > 0, 'it leads to the login page');
  assert.deepEqual(navigations, ['/login']);

  await page.evaluate(() => samples.session.signIn('ada', 'ada'));
  await page.evaluate(() => samples.session.signOut());
  assert.equal(await page.evaluate(() => localStorage.accessToken), undefined);
});

test('the samples of the start page ask for orders, and whether the server is there', async (t) => {
  const { page, expire } = await openSamples(t, 'docs/start.md');
  await page.evaluate(async () => {
    const { data } = await samples.api.api.post('/sign-in', { user: 'ada', password: 'ada' }, { auth: false });
    await samples.api.api.signIn({ accessToken: data.accessToken, refreshToken: data.refreshToken });
  });
  await expire();
  assert.deepEqual(await page.evaluate(() => Promise.all([samples.orders.orders(), samples.orders.isReachable()])), [[], true]);
});

test('the samples of the sign-in page: a visitor, a wrong password, a return, a sign-out that the server hears of', async (t) => {
  const { shop, page, navigations, expire } = await openSamples(t, 'docs/sign-in.md');
  assert.equal(await page.evaluate(() => samples.who.ordersOrNone()), null);
  assert.deepEqual(navigations, [], 'a visitor stays where they are');
  assert.equal(await page.evaluate(() => samples.sign_in.signIn('ada', 'wrong')), 'wrong password');
  assert.equal(await page.evaluate(() => samples.sign_in.signIn('ada', 'ada')), 'ok');
  const shown = await page.evaluate(() => {
    document.body.replaceChildren(document.createElement('output'));
    samples.session.showUser(document.querySelector('output'));
    return document.querySelector('output').textContent;
  });
  assert.equal(shown, 'Signed in as ada');
  const sid = await expire();
  assert.deepEqual(await page.evaluate(() => samples.who.ordersOrNone()), { orders: [] });

  const returns = {
    '?next=%2Forders%3Fpage%3D2%23top': '/orders?page=2#top', '?next=%2F%2Fevil.test%2Fx': '/', '': '/',
    '?next=%2F.%2F%2Fevil.test': '/evil.test', '?next=%2F%09%2Fevil.test': '/',
  };
  for (const [search, path] of Object.entries(returns)) {
    await page.evaluate((text) => history.replaceState(null, '', `/${text}`), search);
    assert.equal(await page.evaluate(() => samples.return.returnPath()), path, search);
  }
  await page.evaluate(() => samples.sign_out.signOut());
  assert.equal((await shop.record(sid)).revoked, true);
  assert.equal(await page.locator('output').textContent(), 'Not signed in');
});

test('the sample for a code in the body refreshes, and keeps the plain 401', async (t) => {
  const { shop, page, expire } = await openSamples(t, 'docs/migration.md');
  const signIn = () => page.evaluate(async () => {
    const { data } = await samples.code_in_body.api.post('/sign-in', { user: 'ada', password: 'ada' }, { auth: false });
    await samples.code_in_body.api.signIn({ accessToken: data.accessToken, refreshToken: data.refreshToken });
  });
  await signIn();
  const ask = (url) => page.evaluate(async (path) => {
    const response = await samples.code_in_body.api.fetch(path);
    return response.text();
  }, url);
  const sid = await expire();
  assert.equal(JSON.parse(await ask('/test/code-40101')).code, 0);
  await expire();
  assert.deepEqual(JSON.parse(await ask('/orders')), { orders: [] });
  assert.equal(await ask('/test/content?type=text/html&body=%3Cp%3E'), '<p>');
  assert.equal(await ask('/test/content?type=application/json&body=not'), 'not');
  assert.equal((await shop.record(sid)).refreshes, 2);
});

test('every link to a file or a heading leads somewhere', () => {
  const wrong = [...DOCUMENTS, 'CONTRIBUTING.md', 'CHANGELOG.md'].flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8').replace(/^```.*?^```$/gms, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    return links.filter((link) => !/^(https?:|\/)/.test(link) && !leads(link, path)).map((link) => `${path}: ${link}`);
  });
  assert.deepEqual(wrong, []);
});

function leads(link, from) {
  const [file, heading] = link.split('#');
  const path = file ? join(root, dirname(from), file) : join(root, from);
  if (!existsSync(path)) return false;
  if (!heading) return true;
  const titles = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => slug(title));
  return titles.includes(heading);
}

/** As GitHub and VitePress make one of a heading. */
function slug(title) {
  return title.toLowerCase().replace(/[`'’?!.,:()*]/g, '').replace(/[^\w]+/g, '-').replace(/^-|-$/g, '');
}

test('the sizes in the documentation are those of the package', () => {
  const [{ gzip }] = sizes();
  for (const path of ['README.md', join('docs', 'faq.md')]) {
    const [, stated] = /<!-- size -->(\d+) kB<!-- \/size -->/.exec(readFileSync(join(root, path), 'utf8')) ?? [];
    assert.ok(Math.abs(Number(stated) * 1000 - gzip) <= 1000, `${path} says ${stated} kB: node scripts/sizes.mjs writes ${gzip} B`);
  }
});
