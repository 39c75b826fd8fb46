// Each example of examples/ as somebody starts it: installed with the packed package, built, and used in a browser.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { root } from '../../scripts/places.mjs';
import { collectErrors, launchBrowser, scratchFolder } from '../e2e/shop.mjs';
import { freePort, run, serve } from '../package/command.mjs';
import { pack } from '../package/tarball.mjs';

const EXAMPLES = ['plain', 'react', 'vue', 'svelte', 'next'];

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

for (const name of EXAMPLES) {
  test(`examples/${name} installs, builds, and orders on tokens that were taken back`, async (t) => {
    const folder = await installed(t, name);
    await run('npm run build', { cwd: folder });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await serve(`npm run preview -- --host 127.0.0.1 --port ${port} --strictPort`, { cwd: folder, url });
    t.after(() => server.stop());
    const profile = await browser.newContext();
    t.after(() => profile.close());
    const page = await profile.newPage();
    const errors = collectErrors(page);
    await page.goto(url);
    await page.locator('[name=password], [type=password]').fill('wrong');
    await page.locator('#sign-in').click();
    await page.locator('[role=status]', { hasText: 'Wrong name or password.' }).waitFor();

    await page.locator('[type=password]').fill('ada');
    await page.locator('#sign-in').click();
    await page.locator('#order').click();
    await page.locator('li').waitFor();
    const refreshes = [];
    page.on('request', (request) => request.url().endsWith('/refresh-token') && refreshes.push(request.url()));
    const answered = page.waitForResponse(/\/expire$/);
    await page.locator('#expire').click();
    await answered;
    await page.locator('#order').click();
    await page.locator('li').nth(1).waitFor();
    assert.equal(refreshes.length, 1);

    await page.reload();
    await page.locator('li').nth(1).waitFor();
    await page.locator('#sign-out').click();
    await page.locator('#sign-in').waitFor();
    assert.deepEqual(errors, []);
  });
}

/** A copy of the examples, with the packed package in place of the folder. */
async function installed(t, name) {
  const folder = scratchFolder(t);
  cpSync(join(root, 'examples'), folder, { recursive: true, filter: (path) => !/node_modules|dist|target|yew/.test(path.slice(root.length)) });
  const manifest = join(folder, name, 'package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('file:../..', `file:${pack().file}`));
  await run('npm install --no-audit --no-fund', { cwd: join(folder, name) });
  return join(folder, name);
}
