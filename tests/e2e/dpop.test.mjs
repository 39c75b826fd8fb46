// `tokenflight/dpop` against a provider that demands proofs and nonces, and a resource that verifies them with jose.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { CLIENT_ID, redirectURI } from '../provider/server/identity.mjs';
import { authorize } from '../provider/server/sign-in.mjs';
import { startDpop } from './dpop/server.mjs';
import { launchBrowser } from './shop.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

/** A server and a browser that knows nothing yet. */
async function stage(t, { skew = 0 } = {}) {
  const server = await startDpop();
  const context = await browser.newContext();
  t.after(async () => { await context.close(); await server.close(); });
  await context.addInitScript((ms) => {
    const { now } = Date;
    Date.now = () => now() + ms;
  }, skew);
  return { server, open: () => openPage(context, server), context };
}

/** A tab with an api, as `globalThis.app`. */
async function openPage(context, { origin }) {
  const page = await context.newPage();
  await page.goto(`${origin}/app/`);
  await page.evaluate(async ([tokenEndpoint, clientId]) => {
    const [{ createApi }, { withDpop }] = await Promise.all([import('/app/index.js'), import('/app/dpop.js')]);
    globalThis.left = [];
    globalThis.app = withDpop(createApi, {
      refresh: { tokenEndpoint, clientId }, onSignedOut: () => globalThis.left.push(1), refreshAhead: 0,
    });
  }, [`${origin}/token`, CLIENT_ID]);
  return page;
}

/** Signs in as an app does: the code comes from the provider's pages, the page exchanges it with a proof. */
async function signIn(page, { origin }) {
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize(origin, createHash('sha256').update(verifier).digest('base64url'));
  return page.evaluate(async ([url, form]) => {
    const response = await app.fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    const tokens = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(tokens));
    await app.api.signIn({ accessToken: tokens.access_token, refreshToken: tokens.refresh_token });
    return { type: tokens.token_type, token: tokens.access_token };
  }, [`${origin}/token`, {
    grant_type: 'authorization_code', client_id: CLIENT_ID, redirect_uri: redirectURI(origin), code, code_verifier: verifier,
  }]);
}

const tokenOf = (page) => page.evaluate(() => localStorage.getItem('accessToken'));
const call = (page, count, init) => page.evaluate(async ([n, given]) => (
  Promise.all(Array.from({ length: n }, async (_, i) => (await app.api.fetch(`/api/orders/${i}?x=${i}`, given)).status))
), [count, init]);
const all = (status, count) => Array.from({ length: count }, () => status);

test('each attempt has a proof that jose verifies, and a nonce costs one more attempt and no refresh', async (t) => {
  const { server, open } = await stage(t);
  const page = await open();
  assert.equal((await signIn(page, server)).type, 'DPoP');
  assert.deepEqual(await call(page, 1), [200]);
  assert.equal(server.seen.challenges, 1);
  assert.deepEqual(await call(page, 20), all(200, 20));
  assert.equal(server.seen.challenges, 1, 'the nonce is known by now');
  server.changeNonce();
  const echoed = await page.evaluate(async () => {
    const form = new FormData();
    form.set('a', 'b');
    const bodies = ['text', new URLSearchParams('a=b'), new Blob(['blob']), form];
    const answers = await Promise.all(bodies.map(async (body) => (await app.api.fetch('/api/orders', { method: 'POST', body })).json()));
    const { data } = await app.api.post('/api/orders', { axios: 'shaped' });
    return [...answers, data].map(({ body }) => (body?.axios ?? (body.includes('name="a"') ? 'form' : body)));
  });
  assert.deepEqual(echoed, ['text', 'a=b', 'blob', 'form', 'shaped']);
  assert.deepEqual([server.seen.refreshes, server.seen.refused, server.seen.errors], [0, [], []]);
});

test('an expired token costs one refresh for twenty requests, with a proof and the provider’s nonce', async (t) => {
  const { server, open } = await stage(t);
  const page = await open();
  const { token } = await signIn(page, server);
  for (let round = 1; round <= 3; round += 1) {
    server.expire(await tokenOf(page));
    assert.deepEqual(await call(page, 20), all(200, 20));
    assert.deepEqual([server.seen.refreshes, server.seen.revoked], [round, 0]);
  }
  assert.notEqual(await tokenOf(page), token);
  assert.deepEqual(await page.evaluate(() => globalThis.left), []);
});

test('ten tabs have one key, and one refresh', async (t) => {
  const { server, open } = await stage(t);
  const first = await open();
  await signIn(first, server);
  const pages = [first, ...await Promise.all(Array.from({ length: 9 }, open))];
  const keys = await Promise.all(pages.map((page) => page.evaluate(() => app.thumbprint())));
  assert.equal(new Set(keys).size, 1);
  server.expire(await tokenOf(first));
  const statuses = await Promise.all(pages.map((page) => call(page, 3)));
  assert.deepEqual(statuses.flat(), all(200, 30));
  assert.deepEqual([server.seen.refreshes, server.seen.revoked], [1, 0]);
});

test('after a reload, with an expired token and no nonce known, requests go through', async (t) => {
  const { server, open } = await stage(t);
  const page = await open();
  await signIn(page, server);
  server.expire(await tokenOf(page));
  server.changeNonce();
  await page.close();
  assert.deepEqual(await call(await open(), 5), all(200, 5));
  assert.deepEqual([server.seen.refreshes, server.seen.revoked], [1, 0]);
});

test('a clock that is an hour wrong does not matter', async (t) => {
  for (const skew of [-3_600_000, 3_600_000]) {
    const { server, open } = await stage(t, { skew });
    const page = await open();
    await signIn(page, server);
    assert.deepEqual(await call(page, 5), all(200, 5));
    server.expire(await tokenOf(page));
    assert.deepEqual(await call(page, 5), all(200, 5));
  }
});

test('stolen tokens are of no use, the key cannot be extracted, and a sign-out deletes it in all tabs', async (t) => {
  const { server, open, context } = await stage(t);
  const page = await open();
  const other = await open();
  const { token } = await signIn(page, server);
  const proof = await page.evaluate(async () => {
    const sent = [];
    const { fetch } = globalThis;
    globalThis.fetch = (input, init) => { sent.push(new Headers(init?.headers ?? input.headers).get('DPoP')); return fetch(input, init); };
    await app.api.fetch('/api/orders');
    globalThis.fetch = fetch;
    return sent.at(-1);
  });
  const { origin } = server;
  for (const headers of [{ authorization: `DPoP ${token}` }, { authorization: `DPoP ${token}`, dpop: proof }, { authorization: `Bearer ${token}` }]) {
    assert.equal((await fetch(`${origin}/api/orders`, { headers })).status, 401);
  }
  const stored = () => page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open('tokenflight-dpop');
    opening.onsuccess = () => {
      const all = opening.result.transaction('keys').objectStore('keys').getAll();
      all.onsuccess = () => resolve(all.result.map(({ pair }) => pair.privateKey.extractable));
      opening.result.close();
    };
  }));
  assert.deepEqual(await stored(), [false]);
  const before = await page.evaluate(() => app.thumbprint());
  await other.evaluate(() => app.api.signOut());
  await page.waitForFunction(() => !localStorage.getItem('accessToken'));
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  assert.deepEqual(await stored(), []);
  await signIn(page, server);
  assert.notEqual(await page.evaluate(() => app.thumbprint()), before);
  assert.deepEqual(await call(page, 3), all(200, 3));
  assert.equal(context.pages().length, 2);
});

test('nothing but what is ours gets a proof', async (t) => {
  const { server, open } = await stage(t);
  const page = await open();
  await signIn(page, server);
  const proofs = await page.evaluate(async () => {
    const sent = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      sent.push(new Headers(init?.headers ?? input.headers).has('DPoP'));
      return new Response('{}');
    };
    await app.api.fetch('https://other.example/x');
    await app.api.fetch('/api/x', { auth: false });
    await app.api.fetch('/api/x', { headers: { Authorization: 'Basic eA==' } });
    globalThis.fetch = fetch;
    return sent;
  });
  assert.deepEqual(proofs, [false, false, false]);
});

test('without WebCrypto, and without createApi, it says what is missing', async (t) => {
  const { withDpop } = await import('../../dist/dpop.js');
  const { createApi } = await import('../../dist/index.js');
  assert.throws(() => withDpop(), /^TypeError: withDpop: expected createApi of tokenflight/);
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  t.after(() => Object.defineProperty(globalThis, 'crypto', crypto));
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  assert.throws(() => withDpop(createApi), /^TypeError: withDpop needs WebCrypto, .* https: and of localhost/);
});
