// Things that must not be left: tokens after signing out, apis that nobody refers to, rejections that nobody handles, and
// code in the package that makes code (rules 6.2 and 2.9).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { collect, settle } from '../shell/stand-ins.mjs';
import { jwt, straight, wholeSession } from './leftovers/session.mjs';
import { launchBrowser, startShop } from './shop.mjs';

const DIST = join(import.meta.dirname, '..', '..', 'dist');

/** The memories of all instances, which the package shows to nobody. */
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    memories.push(...Object.values(this.exports).filter((one) => one instanceof WebAssembly.Memory));
  }
};
const { createApi } = await import(join(DIST, 'index.js'));

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

/** Every run of eight characters that could be recognised. */
function fragments(...texts) {
  const all = new Set();
  for (const text of texts) for (let at = 0; at + 8 <= text.length; at += 1) all.add(text.slice(at, at + 8));
  return all;
}

/** The fragments that a memory holds, as bytes or as UTF-16. */
function foundIn(memory, wanted) {
  const bytes = Buffer.from(memory.buffer);
  const texts = [bytes.toString('latin1'), bytes.toString('utf16le'), bytes.subarray(1).toString('utf16le')];
  return [...wanted].filter((fragment) => texts.some((text) => text.includes(fragment)));
}

test('a fragment of a token in the memory of the module would be found', () => {
  const { token } = jwt();
  const { buffer } = new Uint8Array(Buffer.from(`....${token}`));
  const wide = { buffer: new Uint8Array(Buffer.from(`.${token}`, 'utf16le')).buffer };
  assert.ok(foundIn({ buffer }, fragments(token)).length > 50);
  assert.ok(foundIn(wide, fragments(token)).length > 50);
});

for (const [name, options] of Object.entries({ 'by itself': {}, 'with a log': { debug: true }, 'with hooks': { hooks: { onResponse() {} } } })) {
  test(`after signing out no fragment of a token or its claims is in the memory of the module, ${name}`, async (t) => {
    t.mock.method(console, 'debug', () => {});
    const { reversed } = await wholeSession(createApi, options);
    assert.ok(memories.length > 0);
    const wanted = fragments(...straight(reversed).filter((text) => text.length >= 8));
    // The text that all JSON objects of claims have in common is no secret, and is in the code.
    const found = memories.flatMap((memory) => foundIn(memory, wanted));
    assert.deepEqual(found, []);
  });
}

test('after signing out nothing that lives holds a token', async () => {
  // In a process of its own, whose heap is small.
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(import.meta.dirname, 'leftovers', 'heap.mjs')]);
  assert.deepEqual(JSON.parse(stdout), { before: 2, after: 0 });
});

test('1,000 apis whose hooks, rules and listeners refer to them are collected', async () => {
  const made = [];
  for (let n = 0; n < 1000; n += 1) made.push(new WeakRef(selfReferring(n)));
  const alive = () => made.filter((one) => one.deref()).length;
  await collect(() => alive() === 0);
  assert.equal(alive(), 0);
});

/** An api that everything which it is given refers to; every other one has been used. */
function selfReferring(n) {
  const held = new Map();
  const storage = {
    get: (key) => { assert.ok(api.fetch); return held.get(key); }, set: (key, value) => { held.set(key, value); },
    remove: (key) => { held.delete(key); }, subscribe: () => () => api,
  };
  const api = createApi({
    baseURL: 'https://api.example', autoRefresh: true, ...n % 3 === 0 && { storage },
    hooks: { onRequest: () => { assert.ok(api.fetch); }, onResponse: () => { assert.ok(api.fetch); } },
    isUnauthorized: ({ status }) => Boolean(api.fetch) && status === 401, onSignedOut: () => api.on,
    refresh: async () => { assert.ok(api.fetch); return { accessToken: 'new' }; }, fetch: async () => new Response(null, { status: 401 }),
  });
  api.on('tokenRefreshed', () => api.fetch);
  if (n % 2) api.fetch('/x').catch(() => {});
  return api;
}

test('1,000 apis of a page that refer to themselves are collected, and the page keeps no listener', async (t) => {
  const shop = await startShop({ policy: false });
  t.after(() => shop.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${shop.url}/api/test/info`);
  await page.evaluate((code) => import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))).then((all) => { window.createApi = all.createApi; }),
    readFileSync(join(DIST, 'index.js'), 'utf8'));
  await page.evaluate(() => {
    const count = { now: 0 };
    for (const [act, by] of [['addEventListener', 1], ['removeEventListener', -1]]) {
      const own = EventTarget.prototype[act];
      EventTarget.prototype[act] = function counted(...args) { count.now += this === window || this === document ? by : 0; return own.apply(this, args); };
    }
    window.made = Array.from({ length: 1000 }, (_, n) => {
      // Where a session may have ended, a task waits for 15 s to forget it, and holds its client for so long.
      localStorage.setItem(`a${n}`, 'token');
      const api = window.createApi({ accessTokenKey: `a${n}`, refreshTokenKey: `r${n}`, hooks: { onRequest() { return api && undefined; } } });
      api.on('signedOut', () => api);
      return new WeakRef(api);
    });
    window.left = () => [window.made.filter((one) => one.deref()).length, count.now];
  });
  assert.deepEqual(await page.evaluate(() => left()), [1000, 6]);
  const devtools = await page.context().newCDPSession(page);
  for (let n = 0; n < 20 && (await page.evaluate(() => left())).some(Boolean); n += 1) {
    await devtools.send('HeapProfiler.collectGarbage');
    await pause(50);
  }
  assert.deepEqual(await page.evaluate(() => left()), [0, 0]);
});

test('a storage whose functions reject leaves no rejection that nobody handles', async (t) => {
  const unhandled = [];
  const hear = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', hear);
  t.after(() => process.off('unhandledRejection', hear));
  t.mock.method(console, 'warn', () => {});
  const rejects = async () => { throw new Error('denied'); };
  const sound = { get: async () => null, set: async () => {}, remove: async () => {} };
  for (const broken of [{ get: rejects }, { set: rejects }, { remove: rejects }, { get: rejects, set: rejects, remove: rejects }]) {
    const storage = { ...sound, ...broken, shared: true, subscribe: (listener) => { listener(); return () => {}; } };
    const api = createApi({ baseURL: 'https://api.example', storage, autoRefresh: true, fetch: async () => new Response(null, { status: 401 }), onSignedOut() {},
      refreshRetries: 0, coolDown: 0 });
    await Promise.allSettled([
      api.fetch('/x'), api.refresh(), api.getAccessToken(), api.signIn({ accessToken: 'a', refreshToken: 'b' }), api.fetch('/y'), api.signOut(),
    ]);
  }
  await settle();
  await settle();
  assert.deepEqual(unhandled, []);
});

test('the package makes no code of text, which scanners and policies refuse', () => {
  for (const name of readdirSync(DIST).filter((one) => /\.c?js$/.test(one))) {
    const code = readFileSync(join(DIST, name), 'utf8');
    assert.doesNotMatch(code, /\bnew Function\b|\bFunction\(|\beval\(|setTimeout\(\s*["'`]/, name);
  }
});
