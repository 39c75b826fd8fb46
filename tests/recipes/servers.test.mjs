// Every recipe of docs/server-recipes.md, in a real browser against a server that answers as the real one does by its
// documentation: servers/ says where that is.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { root } from '../../scripts/places.mjs';
import { launchBrowser } from '../e2e/shop.mjs';
import { recipesIn } from './documents.mjs';
import { PAGES } from './pages.mjs';
import { IMITATIONS } from './servers/imitations.mjs';
import { noteOf } from './servers/notes.mjs';
import { USER } from './servers/store.mjs';
import { startWorld } from './servers/world.mjs';

const CALLS = 10;
const LIMIT = { timeout: 60_000 };
const SIGN_IN_REQUIRED = Array(CALLS).fill('SIGN_IN_REQUIRED');

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

/** A page in a profile of its own, with a server of its own, to which it has signed in by the recipe's `signIn`. */
async function open(t, name) {
  const { callback } = IMITATIONS[name];
  const world = await startWorld(name, { pages: PAGES });
  t.after(() => world.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());
  await profile.addInitScript((env) => { window.env = env; }, world.env);
  const page = await profile.newPage();
  await page.goto(`${world.url}/servers/${name}.html`);
  await page.waitForFunction(() => typeof story === 'object');
  if (callback) await page.evaluate((path) => fetch(path).then(({ status }) => status), callback);
  await page.evaluate((credentials) => story.signIn(...credentials), await world.credentials());
  world.store.refreshes = 0;
  const navigations = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (request.isNavigationRequest()) navigations.push(pathname + search);
  });
  return { page, store: world.store, navigations, send: (...args) => send(page, name, ...args) };
}

let batch = 0;

/** Sends ten calls at once, the last of which writes, and with some servers all of them. */
async function send(page, name) {
  const { read, write = read.replace(/\/$/, ''), method } = IMITATIONS[name];
  const calls = Array.from({ length: CALLS }, (_, n) => (
    method === 'POST' || n === CALLS - 1 ? { url: write, text: `Größe ${batch += 1}` } : { url: `${read}${n}` }
  ));
  const outcomes = await page.evaluate((all) => story.calls(all), calls);
  return {
    outcomes,
    errors: outcomes.flatMap(({ error }) => error ?? []),
    written: calls.flatMap(({ text }) => text ?? []),
    /** That every reader got its own answer. */
    verify() {
      for (const [n, { error, text }] of outcomes.entries()) {
        assert.equal(error, undefined, JSON.stringify(outcomes[n]));
        if (calls[n].text === undefined) assert.ok(text.includes(noteOf(n, USER).text), text);
      }
    },
  };
}

/** Waits until the last fifth of the token's life. From the last quarter on, a request refreshes it first. */
const untilLate = ({ last: { issuedAt, endsAt } }) => sleep(endsAt - (endsAt - issuedAt) / 5 - Date.now());
const untilEnd = ({ last: { endsAt } }) => sleep(endsAt + 200 - Date.now());

// Each page has a session of its own, and most of a test is waiting: four of them fill two cores.
describe('servers', { concurrency: 4 }, () => {
  test('every recipe has a server', () => {
    const recipes = [...recipesIn(join(root, 'docs', 'server-recipes.md')).keys()];
    assert.deepEqual(recipes.filter((name) => name !== 'code').sort(), Object.keys(IMITATIONS).sort());
  });

  for (const [name, traits] of Object.entries(IMITATIONS)) {
    if (traits.renews === 'never') neverRenewed(name);
    else if (traits.renews === 'before') renewedBefore(name);
    else renewed(name, traits);
    told(name, traits);
  }
});

function renewed(name, { rotates, login = '/login' }) {
  test(`${name}: ten calls on an expired token cost one refresh, and a body arrives once`, LIMIT, async (t) => {
    const { page, store, send: sendAll } = await open(t, name);
    assert.equal(await page.evaluate(() => story.status()), 'signedIn');
    (await sendAll()).verify();
    for (const refreshes of [1, 2]) {
      store.expire();
      store.accepted.length = 0;
      const answer = await sendAll();
      answer.verify();
      assert.equal(store.refreshes, refreshes, 'refreshes');
      assert.deepEqual(store.accepted.sort(), answer.written.sort(), 'accepted notes');
    }
    if (rotates === undefined) return;
    assert.equal(store.presented.length, 2);
    assert.equal(new Set(store.presented).size, rotates ? 2 : 1, 'refresh tokens');
    assert.equal(store.reuses, 0, 'reuses');
  });

  test(`${name}: when the server refuses to refresh, all are told to sign in, and led there once`, LIMIT, async (t) => {
    const { page, store, navigations, send: sendAll } = await open(t, name);
    await sendAll();
    store.expire();
    await store.end();
    assert.deepEqual((await sendAll()).errors, SIGN_IN_REQUIRED);
    assert.deepEqual(await page.evaluate(() => story.signedOut()), ['refused']);
    assert.equal(await page.evaluate(() => story.status()), 'signedOut');
    assert.equal(store.refreshes, 1, 'refreshes');
    await sleep(200);
    assert.deepEqual(navigations, [login]);
  });

  test(`${name}: a server that is busy signs nobody out`, LIMIT, async (t) => {
    const { page, store, navigations, send: sendAll } = await open(t, name);
    await sendAll();
    store.expire();
    store.isBusy = true;
    const { outcomes, errors } = await sendAll();
    assert.deepEqual(errors, Array(CALLS).fill('REFRESH_UNAVAILABLE'));
    assert.ok(store.refreshes <= 3, `${store.refreshes} refreshes`);
    assert.equal(await page.evaluate(() => story.status()), 'signedIn');
    store.isBusy = false;
    await sleep(outcomes[0].retryAfter + 100);
    (await sendAll()).verify();
    assert.deepEqual(await page.evaluate(() => story.signedOut()), []);
    assert.deepEqual(navigations, []);
  });
}

function renewedBefore(name) {
  test(`${name}: ten calls shortly before the token's end cost one refresh, and a body arrives once`, LIMIT, async (t) => {
    const { store, send: sendAll } = await open(t, name);
    for (const refreshes of [1, 2]) {
      await untilLate(store);
      store.accepted.length = 0;
      const answer = await sendAll();
      answer.verify();
      assert.equal(store.refreshes, refreshes, 'refreshes');
      assert.deepEqual(store.accepted, answer.written, 'accepted notes');
    }
  });

  test(`${name}: after the token's end, all are told to sign in, and led there once`, LIMIT, async (t) => {
    const { page, store, navigations, send: sendAll } = await open(t, name);
    await untilEnd(store);
    assert.deepEqual((await sendAll()).errors, SIGN_IN_REQUIRED);
    assert.deepEqual(await page.evaluate(() => story.signedOut()), ['refused']);
    assert.equal(store.refreshes, 1, 'refreshes');
    assert.deepEqual(store.accepted, []);
    await sleep(200);
    assert.deepEqual(navigations, ['/login']);
  });

  test(`${name}: a renewal that is refused while the token is good counts at the token's end`, LIMIT, async (t) => {
    const { page, store, send: sendAll } = await open(t, name);
    await untilLate(store);
    store.end();
    await sendAll();
    assert.equal(store.refreshes, 1, 'refreshes');
    assert.deepEqual(await page.evaluate(() => story.signedOut()), []);
    await untilEnd(store);
    assert.deepEqual((await sendAll()).errors, SIGN_IN_REQUIRED);
    assert.deepEqual(await page.evaluate(() => story.signedOut()), ['refused']);
  });

  test(`${name}: a server that is busy signs nobody out`, LIMIT, async (t) => {
    const { page, store, send: sendAll } = await open(t, name);
    await untilLate(store);
    store.isBusy = true;
    (await sendAll()).verify(); // the token is still good
    await untilEnd(store);
    assert.deepEqual((await sendAll()).errors, Array(CALLS).fill('REFRESH_UNAVAILABLE'));
    assert.equal(await page.evaluate(() => story.status()), 'signedIn');
    assert.deepEqual(await page.evaluate(() => story.signedOut()), []);
  });
}

function neverRenewed(name) {
  test(`${name}: calls on an expired token are told to sign in, without a refresh, and led there once`, LIMIT, async (t) => {
    const { page, store, navigations, send: sendAll } = await open(t, name);
    const { written, verify } = await sendAll();
    verify();
    assert.deepEqual(store.accepted, written);
    store.expire();
    assert.deepEqual((await sendAll()).errors, SIGN_IN_REQUIRED);
    assert.deepEqual(await page.evaluate(() => story.signedOut()), ['refused']);
    assert.deepEqual(store.accepted, written);
    await sleep(200);
    assert.deepEqual(navigations, ['/login']);
  });
}

function told(name, { signOut = true }) {
  test(`${name}: a sign-out ends the session${signOut ? ', also at the server' : ''}`, LIMIT, async (t) => {
    const { page, store, navigations } = await open(t, name);
    await page.evaluate(() => story.signOut());
    assert.equal(await page.evaluate(() => story.status()), 'signedOut');
    assert.deepEqual(await page.evaluate(() => story.signedOut()), ['signOut']);
    assert.equal(store.signOuts, signOut ? 1 : 0);
    assert.deepEqual(navigations, []);
  });
}
