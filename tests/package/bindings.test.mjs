// tokenflight/react, /vue and /svelte: an app of each, built with Vite from the packed package, in Chromium.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { launchBrowser, scratchFolder } from '../e2e/shop.mjs';
import { bindings, page as pageAround, RENDER } from './bindings.mjs';
import { run } from './command.mjs';
import { Fixture } from './fixture.mjs';
import { assertQuiet, modulesIn } from './output.mjs';
import { install, pack, unpackInto } from './tarball.mjs';

// Where the frameworks are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

describe('bindings', { concurrency: 2, skip }, () => {
  for (const binding of bindings) {
    test(`useSession follows the session: ${binding.name}`, { timeout: 120_000 }, async (t) => {
      const fixture = await built(t, binding);
      const shop = await fixture.shop(join(fixture.folder, 'dist'));
      await followSession(await fixture.open(shop), binding, fixture);
    });

    test(`useSession takes over from a server: ${binding.name}`, { timeout: 120_000 }, async (t) => {
      const fixture = await built(t, binding);
      const folder = await rendered(fixture, binding);
      const tab = await fixture.open(await fixture.shop(folder));
      assert.deepEqual(await seen(tab), changes(binding, ...binding.first, 'signedOut null'));
      await signIn(tab);
      await tab.page.reload();
      assert.deepEqual(await seen(tab), changes(binding, ...binding.first, 'signedIn ada'));
      assert.deepEqual(tab.complaints, [], 'the page complains of nothing');
    });
  }
});

/** Returns the notes that `useSession` makes of these, one after the other. */
const changes = ({ times }, ...texts) => texts.flatMap((text) => Array(times).fill(text));

async function followSession(tab, binding, fixture) {
  const { page } = tab;
  const is = async (...texts) => assert.deepEqual(await seen(tab), changes(binding, ...texts));
  await is('signedOut null');
  const sid = await signIn(tab);
  await is('signedOut null', 'signedIn ada');

  await page.reload();
  await is('signedIn ada');

  await page.evaluate(async (sid) => {
    await api.post('/test/expire', { sid }, { auth: false });
    await Promise.all([1, 2, 3].map((n) => api.get(`/ping/${n}`)));
    await api.get('/ping/4');
  }, sid);
  // A refresh is a change: the token's claims and its end are others.
  await is('signedIn ada', 'signedIn ada');
  assert.equal((await fixture.record(sid)).refreshes, 1);

  const other = await fixture.openBeside(tab);
  await other.page.evaluate(() => api.signOut());
  await page.waitForFunction(() => document.querySelector('#app').textContent === 'signedOut null');
  await is('signedIn ada', 'signedIn ada', 'signedOut null');

  await signIn(tab);
  await revoke(tab);
  const all = ['signedIn ada', 'signedIn ada', 'signedOut null', 'signedIn ada', 'signedOut null'];
  await is(...all);

  await page.evaluate(() => unmount());
  await signIn(tab);
  await is(...all);
  assert.deepEqual(tab.complaints, [], 'the page complains of nothing');
}

async function built(t, { name, release, of, files, mode }) {
  const fixture = new Fixture({ name: `${t.name}`, release, of }, browser);
  t.after(() => fixture.close({ keep: false }));
  fixture.write(files);
  const env = { NODE_ENV: mode };
  assertQuiet(await fixture.run(`vite build --mode ${mode}`, env));
  assert.deepEqual(modulesIn(join(fixture.folder, 'dist')), { inlined: 1, files: 0 }, `${name} has it once`);
  return fixture;
}

/** Renders the app on a server; returns the folder of the page with it. */
async function rendered(fixture, { mode }) {
  const env = { NODE_ENV: mode };
  await fixture.run(`vite build --mode ${mode} --ssr server.jsx --outDir server`, env);
  fixture.write({ 'render.mjs': RENDER });
  const { html, seen } = JSON.parse(await fixture.run('node render.mjs', env));
  assert.ok(seen.length > 0 && seen.every((text) => text === 'unknown null'), `the server has rendered ${seen}`);
  const folder = join(fixture.folder, 'rendered');
  cpSync(join(fixture.folder, 'dist'), folder, { recursive: true });
  const file = join(folder, 'index.html');
  const [before, behind] = pageAround('|').match(/<div.*<\/div>/)[0].split('|');
  const empty = readFileSync(file, 'utf8');
  assert.ok(empty.includes(before + behind), 'the page has a place for the app');
  writeFileSync(file, empty.replace(before + behind, () => before + html + behind));
  return folder;
}

/** Resolves with the page's notes, once nothing more comes. */
async function seen({ page }) {
  await page.waitForFunction(() => globalThis.api && seen.length > 0);
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 100); }));
  return page.evaluate(() => seen);
}

const signIn = ({ page }) => page.evaluate(async () => {
  const { data } = await api.post('/sign-in', { user: 'ada', password: 'ada', ttl: 600 }, { auth: false });
  await api.signIn(data);
  return data.sid;
});

/** The server ends the session without telling, and the next request finds out. */
const revoke = ({ page }) => page.evaluate(async () => {
  const refreshToken = localStorage.getItem('refreshToken');
  await api.post('/sign-out', { refreshToken }, { auth: false });
  const error = await api.get('/ping/5').catch((reason) => reason);
  if (error.code !== 'SIGN_IN_REQUIRED') throw error;
});

for (const name of ['react', 'vue', 'svelte']) {
  test(`useSession without an api is one clear error: ${name}`, { skip }, async (t) => {
    const folder = install(`no-api-${name}`);
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'probe.mjs'), `
      import { createRequire } from 'node:module';
      import * as module from 'tokenflight/${name}';
      const errors = [module, createRequire(import.meta.url)('tokenflight/${name}')].flatMap(({ useSession }) => (
        [undefined, {}, () => {}].map((api) => {
          try {
            return useSession(api);
          } catch (error) {
            return String(error);
          }
        })
      ));
      process.stdout.write(JSON.stringify([...new Set(errors)]));
    `);
    assert.deepEqual(JSON.parse(await run('node probe.mjs', { cwd: folder })), [
      'TypeError: useSession: expected the api that createApi has returned, as in useSession(api).',
    ]);
  });
}

for (const [name, complaint] of Object.entries({
  react: "Cannot find package 'react'", vue: "Cannot find package 'vue'", svelte: '',
})) {
  test(`a binding without its framework names what is missing: ${name}`, async (t) => {
    // Not in this folder, above which the frameworks are. A store of Svelte's needs nothing of it.
    const folder = scratchFolder(t);
    unpackInto(folder, pack().file);
    writeFileSync(join(folder, 'probe.mjs'), `
      const told = await import('tokenflight/${name}').then(() => '', ({ message }) => message);
      process.stdout.write(told.slice(0, ${complaint.length}));
    `);
    assert.equal(await run('node probe.mjs', { cwd: folder }), complaint);
  });
}

const USES = `
import { createApi, type Api, type SessionSnapshot } from 'tokenflight';
import { useSession as inReact } from 'tokenflight/react';
import { useSession as inSvelte } from 'tokenflight/svelte';
import { useSession as inVue } from 'tokenflight/vue';
import { derived, get, type Readable } from 'svelte/store';
import { computed, type ComputedRef } from 'vue';

const api: Api = createApi();
export const status: 'signedIn' | 'signedOut' | 'unknown' = inReact(api).status;
export const inComputed: ComputedRef<string | null> = computed(() => inVue(api).value.subject);
export const store: Readable<SessionSnapshot> = inSvelte(api);
export const subject: Readable<string | null> = derived(inSvelte(api), (session) => session.subject);
export const ends: number | null = get(inSvelte(api)).expiresAt;

// @ts-expect-error it needs the api
inReact();
// @ts-expect-error nobody writes the session
inVue(api).value = inReact(api);
// @ts-expect-error nor what is in it
inReact(api).status = 'signedIn';
`;

test('the types of the bindings fit those of the frameworks', { skip }, async (t) => {
  const folder = install('binding-types');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'uses.ts'), USES);
  const compilerOptions = {
    // The frameworks' own declarations are not ours to check; are-the-types-wrong and this see ours.
    strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, target: 'es2022',
    lib: ['es2022', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['uses.ts'] }));
  await run('tsc --project .', { cwd: folder });
});
