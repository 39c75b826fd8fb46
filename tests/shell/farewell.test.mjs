// The server is told of a sign-out (rule 1.4).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tellSignOut } from '../../src/shell/farewell.js';
import { Transport } from '../../src/shell/transport.js';
import { settingsOf } from './page.mjs';
import { pretend, warningsOf } from './stand-ins.mjs';

const BASE = { baseURL: 'https://api.example/v1', signOutURL: '/sign-out' };

/** Tells of a sign-out, and returns the requests that this sent, read. */
async function told(options, access = 'a', refresh = 'r', respond = async () => new Response('body')) {
  const calls = [];
  const fetch = (...args) => {
    calls.push(args);
    return respond();
  };
  const settings = settingsOf({ ...BASE, fetch, ...options });
  const telling = tellSignOut(settings, new Transport(settings), access, refresh);
  assert.deepEqual(calls, [], 'not before the code that runs now is through');
  await telling;
  return calls.map(([url, { method, headers, body = null, ...init }]) => (
    { url, method, headers: Object.fromEntries(new Headers(headers)), body: body && String(body), ...init }
  ));
}

test('one request has the tokens that there were, and outlives the page', async () => {
  const sent = { url: 'https://api.example/v1/sign-out', method: 'POST', credentials: 'include', keepalive: true, redirect: 'manual' };
  const headers = { 'x-app': 'shop' };
  const options = { headers, credentials: 'include' };
  const json = { 'content-type': 'application/json' };
  const body = '{"refreshToken":"r"}';
  assert.deepEqual(await told(options), [{ ...sent, headers: { ...headers, ...json, authorization: 'Bearer a' }, body }]);
  assert.deepEqual(await told(options, 'a', null), [{ ...sent, headers: { ...headers, authorization: 'Bearer a' }, body: null }]);
  assert.deepEqual(await told(options, null, 'r'), [{ ...sent, headers: { ...headers, ...json }, body }]);
  assert.deepEqual(await told(options, null, null), [{ ...sent, headers, body: null }], 'there may be a cookie');
  const [bare] = await told({ header: 'X-Token', scheme: '' }, 'a', null);
  assert.deepEqual(bare.headers, { 'x-token': 'a' });
  const [cookie] = await told({ session: 'cookie' }, 'mark', null);
  assert.deepEqual(cookie.headers, {}, 'the mark of a cookie session is no token');
});

test('a cookie is repeated in the header that the server wants', async (t) => {
  pretend(t, { document: { cookie: 'XSRF=x' } });
  const [{ headers }] = await told({ xsrfCookieName: 'XSRF' }, null, null);
  assert.deepEqual(headers, { 'x-xsrf-token': 'x' });
});

test('a revocation endpoint is told as RFC 7009 has it, with or without signOutURL', async () => {
  const refresh = { tokenEndpoint: 'https://id.example/token', clientId: 'shop', revocationEndpoint: 'https://id.example/revoke' };
  const alone = { signOutURL: undefined, headers: { 'X-App': 'shop' }, refresh };
  const [{ url, headers, body }, ...more] = await told(alone);
  assert.deepEqual([url, body, more], [refresh.revocationEndpoint, 'token=r&token_type_hint=refresh_token&client_id=shop', []]);
  assert.deepEqual(headers, {}, 'neither the access token nor what the application adds for its own server');
  const [{ body: access }] = await told(alone, 'a', null);
  assert.equal(access, 'token=a&token_type_hint=access_token&client_id=shop');
  assert.deepEqual(await told(alone, null, null), []);
  const both = await told({ refresh });
  assert.deepEqual(both.map((one) => one.url), [refresh.revocationEndpoint, 'https://api.example/v1/sign-out']);
});

test('nothing goes where the token may not go, and that is warned of', async (t) => {
  const heard = warningsOf(t);
  assert.deepEqual(await told({ signOutURL: 'https://other.example/out' }), []);
  assert.deepEqual(await told({ baseURL: undefined }), [], 'a path without a page');
  assert.equal(heard.length, 2);
  assert.match(heard[0], /signOutURL .* allowedOrigins/);
  const allowed = { signOutURL: 'https://other.example/out', allowedOrigins: ['https://other.example'] };
  assert.equal((await told(allowed)).length, 1);
});

test('whatever the answer, it ends without an error, and not later than a refresh', async () => {
  for (const respond of [
    async () => new Response('', { status: 500 }), async () => { throw new TypeError('offline'); },
    () => { throw new Error('sync'); }, () => undefined, async () => ({ get body() { throw new Error('x'); } }),
    () => new Promise(() => {}),
  ]) {
    const began = performance.now();
    await told({ refreshTimeout: 100 }, 'a', 'r', respond);
    assert.ok(performance.now() - began < 1000);
  }
});
