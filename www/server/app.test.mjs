import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { buildServer } from './app.js';

/** @type {Awaited<ReturnType<typeof buildServer>>} */
let app;
before(async () => {
  app = await buildServer({ testing: true });
  // The server's pauses do not keep a process alive; listening does.
  await app.listen({ port: 0, host: '127.0.0.1' });
});
after(() => app.close());

const post = (url, payload, headers = {}) => app.inject({ method: 'POST', url, payload, headers });
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const signIn = async (more = {}) => (await post('/api/sign-in', { user: 'ada', password: 'ada', ...more })).json();
const ping = async (token) => (await app.inject({ url: '/api/ping/1', headers: bearer(token) }));
const stats = async (sid) => (await app.inject({ url: `/api/test/stats?sid=${sid}` })).json();
const refresh = (refreshToken) => post('/api/refresh-token', { refreshToken });

test('a sign-in needs the right password', async () => {
  const wrong = await post('/api/sign-in', { user: 'ada', password: 'grace' });
  assert.equal(wrong.statusCode, 401);
  const { accessToken, refreshToken, expiresIn, sid } = await signIn();
  assert.ok(accessToken && refreshToken && sid);
  assert.equal(expiresIn, 5);
});

test('the shop tells why a token is not accepted', async () => {
  const { accessToken } = await signIn({ ttl: 0.05 });
  assert.equal((await ping(accessToken)).statusCode, 200);
  await new Promise((resolve) => { setTimeout(resolve, 70); });
  const late = await ping(accessToken);
  assert.deepEqual([late.statusCode, late.json().error], [401, 'token_expired']);
  assert.match(String(late.headers['www-authenticate']), /invalid_token/);
  assert.equal((await app.inject('/api/ping/1')).json().error, 'token_missing');
  assert.equal((await ping('nonsense')).json().error, 'token_malformed');
});

test('a refresh rotates; a spent refresh token revokes the family', async () => {
  const { refreshToken, sid } = await signIn();
  const rotated = (await refresh(refreshToken)).json();
  assert.notEqual(rotated.refreshToken, refreshToken);
  assert.equal((await ping(rotated.accessToken)).statusCode, 200);

  const reused = await refresh(refreshToken);
  assert.deepEqual([reused.statusCode, reused.json().error], [401, 'invalid_grant']);
  assert.equal((await refresh(rotated.refreshToken)).statusCode, 401);
  assert.equal((await ping(rotated.accessToken)).json().error, 'token_revoked');
  const { refreshes, rotations, reuses, refused, revoked } = await stats(sid);
  assert.deepEqual({ refreshes, rotations, reuses, refused, revoked },
    { refreshes: 3, rotations: 1, reuses: 1, refused: 2, revoked: true });
});

test('a spent refresh token is forgiven where a test says so', async () => {
  const { refreshToken, sid } = await signIn();
  await post('/api/test/faults', { sid, faults: [{}, { forgive: true }] });
  const rotated = (await refresh(refreshToken)).json();
  const again = (await refresh(refreshToken)).json();
  assert.notEqual(again.refreshToken, rotated.refreshToken);
  assert.equal((await ping(again.accessToken)).statusCode, 200);
  assert.equal((await refresh(rotated.refreshToken)).statusCode, 401);
  assert.equal((await stats(sid)).reuses, 1);
});

test('the envelope answers 200 also when it refuses', async () => {
  const { refreshToken } = await signIn();
  const good = await post('/api/envelope/refresh-token', { refreshToken });
  assert.equal(good.json().code, 0);
  assert.ok(good.json().data.accessToken);
  const bad = await post('/api/envelope/refresh-token', { refreshToken });
  assert.deepEqual([bad.statusCode, bad.json().code], [200, 401]);
});

test('the token endpoint takes and answers what RFC 6749 says', async () => {
  const { refreshToken } = await signIn();
  const ask = (fields) => post('/api/token', new URLSearchParams(fields).toString(),
    { 'content-type': 'application/x-www-form-urlencoded' });
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'shop' };
  const good = (await ask(fields)).json();
  assert.equal(good.token_type, 'Bearer');
  assert.ok(good.access_token && good.refresh_token && good.expires_in);
  const bad = await ask(fields);
  assert.deepEqual([bad.statusCode, bad.json().error], [400, 'invalid_grant']);
});

test('style "cookies" keeps both tokens from the page', async () => {
  const answer = await post('/api/sign-in', { user: 'ada', password: 'ada', style: 'cookies' });
  assert.deepEqual(Object.keys(answer.json()), ['expiresIn', 'sid']);
  const jar = Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));
  const headers = { cookie: Object.entries(jar).map((pair) => pair.join('=')).join('; ') };
  assert.equal((await app.inject({ url: '/api/cart', headers })).statusCode, 200);
  const refreshed = await post('/api/refresh-token', undefined, headers);
  assert.equal(refreshed.statusCode, 200);
  assert.ok(refreshed.cookies.every(({ httpOnly }) => httpOnly));
});

test('expire refuses the tokens so far, not the next', async () => {
  const { accessToken, refreshToken, sid } = await signIn();
  await post('/api/demo/expire', { sid });
  assert.equal((await ping(accessToken)).json().error, 'token_expired');
  assert.equal((await ping((await refresh(refreshToken)).json().accessToken)).statusCode, 200);
});

test('an outage answers 503 and spends nothing', async () => {
  const { refreshToken, sid } = await signIn();
  await post('/api/demo/outage', { sid, seconds: 0.05 });
  assert.equal((await refresh(refreshToken)).statusCode, 503);
  await new Promise((resolve) => { setTimeout(resolve, 70); });
  assert.equal((await refresh(refreshToken)).statusCode, 200);
});

test('faults are met one by one, in order', async () => {
  const { refreshToken, sid } = await signIn();
  const faults = [
    { status: 503, retryAfter: 2 },
    { body: '<html>', type: 'text/html' },
    { token: 'a\nb' },
    { delay: 5, sub: 'other' },
  ];
  assert.equal((await post('/api/test/faults', { sid, faults })).statusCode, 204);
  const busy = await refresh(refreshToken);
  assert.deepEqual([busy.statusCode, busy.headers['retry-after']], [503, '2']);
  assert.equal((await refresh(refreshToken)).body, '<html>');
  assert.equal((await refresh(refreshToken)).json().accessToken, 'a\nb');
  const { accessToken } = (await refresh(refreshToken)).json();
  assert.equal(app.jwt.decode(accessToken).sub, 'other');
  assert.equal((await post('/api/test/faults', { sid, faults: [{ dely: 5 }] })).statusCode, 400);
});

test('the echo records the refused attempt and the replay alike', async () => {
  const { accessToken, refreshToken, sid } = await signIn();
  const payload = Buffer.from([0, 255, 10, 13, 128]);
  const send = (token) => post('/api/test/echo?a=1', payload, { ...bearer(token), 'content-type': 'image/png' });
  await post('/api/test/expire', { sid });
  assert.equal((await send(accessToken)).statusCode, 401);
  const echoed = (await send((await refresh(refreshToken)).json().accessToken)).json();
  assert.equal(echoed.base64, payload.toString('base64'));
  const { attempts } = await stats(sid);
  const sha256 = createHash('sha256').update(payload).digest('hex');
  assert.deepEqual(attempts.map((a) => [a.authorized, a.sha256, a.url]),
    [[false, sha256, '/api/test/echo?a=1'], [true, sha256, '/api/test/echo?a=1']]);
});

test('an order that arrives twice is placed once, and shows', async () => {
  const { accessToken } = await signIn();
  const order = { id: 'order-0001', items: [{ productId: 'mug', quantity: 2 }] };
  const first = await post('/api/orders', order, bearer(accessToken));
  assert.deepEqual([first.statusCode, first.json().arrivals, first.json().cents], [201, 1, 3600]);
  const second = await post('/api/orders', order, bearer(accessToken));
  assert.deepEqual([second.statusCode, second.json().arrivals], [200, 2]);
});

test('without testing there are no test routes', async () => {
  const plain = await buildServer();
  assert.equal((await plain.inject('/api/test/info')).statusCode, 404);
  await plain.close();
});
