// What is sent for new tokens, and how the answers are read.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Refresher } from '../../src/shell/refresher.js';
import { isMark } from '../../src/shell/token.js';
import { pass, pretend, settle, throwing } from './stand-ins.mjs';

const SETTINGS = { refreshURL: 'https://shop.example/refresh-token', isCookieSession: false, credentials: 'include' };
const json = (value, init) => new Response(JSON.stringify(value), init);

/** A refresher over a `fetch` that answers so, and what that was called with. */
function refresherOver(respond, settings = {}, held = null) {
  const calls = [];
  const fetch = (...args) => {
    calls.push(args);
    return respond(...args);
  };
  const call = async (...args) => fetch(...args);
  const session = { storage: { read: () => held } };
  const refresher = new Refresher({ ...SETTINGS, ...settings }, { call, fetch }, session);
  const ask = (token, patience) => refresher.ask(token).wait(patience);
  return { ask, calls, fetch, send: (token) => refresher.ask(token) };
}

/** The members of an answer that say something. */
const said = (answer) => (
  Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined && value !== false))
);

test('every answer has its status and says yes or no: Rust reads them by name', async () => {
  const ways = [
    () => json({ accessToken: 'a' }), () => json({}), () => new Response('', { status: 503 }),
    () => { throw new Error('x'); },
  ];
  for (const way of ways) {
    const answer = await refresherOver(way).ask(null, 1000);
    assert.equal(typeof answer.status, 'number');
    for (const name of ['isJson', 'isSignInRequired', 'isFailed']) {
      assert.equal(typeof answer[name], 'boolean', name);
    }
  }
});

test('a refresh token is posted as JSON, with the headers of the application', async () => {
  const headers = new Headers({ 'X-App': 'shop' });
  const refresher = refresherOver(() => json({ accessToken: 'a' }), { headers });
  await refresher.ask('old', 1000);
  const [[url, init], ...more] = refresher.calls;
  assert.deepEqual([url, more.length], [SETTINGS.refreshURL, 0]);
  assert.deepEqual([init.method, init.body], ['POST', '{"refreshToken":"old"}']);
  const sent = { accept: 'application/json', 'content-type': 'application/json', 'x-app': 'shop' };
  assert.deepEqual(Object.fromEntries(init.headers), sent);
  assert.deepEqual([init.keepalive, init.credentials, init.signal.aborted], [false, 'include', false]);
  assert.deepEqual([...headers], [['x-app', 'shop']], 'the headers of the options are as they were');
});

test('without a refresh token there is no body, and the request may outlive the page', async () => {
  const refresher = refresherOver(() => json({ accessToken: 'a' }));
  await refresher.ask(null, 1000);
  const [[, init]] = refresher.calls;
  assert.deepEqual([init.body, init.keepalive, init.headers.get('content-type')], [null, true, null]);
  new Request(SETTINGS.refreshURL, init); // the platform takes it
});

test('a token endpoint gets the form of RFC 6749', async () => {
  const refresh = { tokenEndpoint: 'https://id.example/token', clientId: 'the web', scope: 'read write' };
  const headersOfOthers = new Headers({ 'X-App': 'shop' });
  const refresher = refresherOver(() => json({ access_token: 'a' }), { refresh, headers: headersOfOthers });
  await refresher.ask('old', 1000);
  const [[url, { body, headers }]] = refresher.calls;
  assert.equal(url, refresh.tokenEndpoint);
  assert.deepEqual([...body], [
    ['grant_type', 'refresh_token'], ['refresh_token', 'old'], ['client_id', 'the web'], ['scope', 'read write'],
  ]);
  assert.deepEqual([...headers], [['accept', 'application/json']]);
});

test('tokens are found at the top level and under data, in both spellings', async () => {
  const tokens = { isJson: true, status: 200, accessToken: 'a', refreshToken: 'r', expiresIn: 60_000 };
  for (const body of [
    { accessToken: 'a', refreshToken: 'r', expiresIn: 60 },
    { access_token: 'a', refresh_token: 'r', expires_in: 60 },
    { accessToken: '', access_token: 'a', refreshToken: '', refresh_token: 'r', expiresIn: -1, expires_in: 60 },
    { code: 0, data: { accessToken: 'a', refresh_token: 'r', expires_in: 60 } },
  ]) {
    assert.deepEqual(said(await refresherOver(() => json(body)).ask(null, 1000)), tokens);
  }
  const bare = await refresherOver(() => json({ accessToken: 'a', refreshToken: 7, expiresIn: '60' })).ask(null, 1000);
  assert.deepEqual(said(bare), { isJson: true, status: 200, accessToken: 'a' });
});

test('JSON without a usable token says its code, and nothing else', async () => {
  for (const [body, code] of [
    [{ code: 401 }, { code: 401 }], [{ code: 0 }, { code: 0 }], [{ code: '401' }, {}], [{ code: -1 }, {}],
    [{ code: 1e9 }, {}], [null, {}], ['text', {}], [[], {}], [7, {}], [{ accessToken: 'bad\ntoken' }, {}],
    [{ accessToken: {} }, {}], [{ data: null }, {}],
  ]) {
    const answer = await refresherOver(() => json(body)).ask(null, 1000);
    assert.deepEqual(said(answer), { status: 200, isJson: true, ...code });
  }
});

test('what is not JSON is told as such', async () => {
  for (const text of ['', '<!doctype html>', '{"accessToken":"']) {
    assert.deepEqual(said(await refresherOver(() => new Response(text)).ask(null, 1000)), { status: 200 });
  }
});

test('another status is told with its cause, and its body is left alone', async () => {
  const respond = () => json({ accessToken: 'a' }, { status: 503 });
  const { cause, ...more } = said(await refresherOver(respond).ask(null, 1000));
  assert.deepEqual([more, cause.message], [{ status: 503 }, 'The token server answered 503']);
});

test('Retry-After is read as seconds and as a date', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2024, 0, 1) });
  for (const [value, ms] of [
    ['7', 7000], [' 0 ', 0], ['Mon, 01 Jan 2024 00:00:30 GMT', 30_000], ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
    ['soon', undefined], ['', undefined],
  ]) {
    const respond = () => new Response('', { status: 503, headers: { 'Retry-After': value } });
    assert.equal((await refresherOver(respond).ask(null, 1000)).retryAfter, ms, value);
  }
});

test('whatever fails is told as a failure', async () => {
  const error = new TypeError('Failed to fetch');
  const broken = { status: 200, ok: true, headers: new Headers(), text: async () => { throw error; } };
  for (const way of [() => { throw error; }, async () => { throw error; }, () => broken]) {
    assert.deepEqual(said(await refresherOver(way).ask('old', 1000)), { status: 0, isFailed: true, cause: error });
  }
});

test('a fetch that gives no response ends the refresh', async () => {
  for (const nonsense of [undefined, null, 7, {}]) {
    const { isFailed, cause } = await refresherOver(() => nonsense).ask('old', 1000);
    assert.deepEqual([isFailed, cause instanceof TypeError], [true, true]);
  }
});

/** A server that answers when `answer` is called. */
function slowly() {
  const server = {};
  server.respond = (_url, { signal }) => new Promise((resolve, reject) => {
    Object.assign(server, { signal, answer: resolve });
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  return server;
}

test('a server that does not answer in time may still answer, until it is given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const server = slowly();
  const request = refresherOver(server.respond).send('old');
  const asked = request.wait(300);
  await pass(t, 300);
  assert.deepEqual([await asked, server.signal.aborted], [undefined, false]);
  const late = request.wait(600);
  server.answer(json({ accessToken: 'a' }));
  assert.equal((await late).accessToken, 'a');
});

test('a refresh that is given up is aborted, and one that was answered is not', async () => {
  const server = slowly();
  const refresher = refresherOver(server.respond);
  refresher.send('old').abort();
  assert.equal(server.signal.aborted, true);
  const request = refresher.send('old');
  server.answer(json({ accessToken: 'a' }));
  await request.wait(1000);
  request.abort();
  assert.equal(server.signal.aborted, false);
});

test('no timer is left after an answer', async (t) => {
  const cleared = t.mock.method(globalThis, 'clearTimeout');
  await refresherOver(() => json({})).ask('old', 60_000);
  await settle();
  assert.equal(cleared.mock.callCount(), 1);
});

test('a function of the application is given the token, a signal and the fetch underneath', async () => {
  const contexts = [];
  const refresh = (context) => {
    contexts.push(context);
    return { accessToken: 'a', refreshToken: 'r' };
  };
  const refresher = refresherOver(() => {}, { refresh });
  const tokens = { status: 200, isJson: true, accessToken: 'a', refreshToken: 'r' };
  assert.deepEqual(said(await refresher.ask('old', 1000)), tokens);
  const [{ refreshToken, signal, fetch, ...more }] = contexts;
  assert.deepEqual([refreshToken, more], ['old', {}]);
  assert.ok(signal instanceof AbortSignal && fetch === refresher.fetch);
});

test('a function that says SIGN_IN_REQUIRED ends the session, and any other error does not', async () => {
  for (const cause of [{ code: 'SIGN_IN_REQUIRED' }, Object.assign(new Error('x'), { code: 'SIGN_IN_REQUIRED' })]) {
    const answer = await refresherOver(null, { refresh: () => { throw cause; } }).ask('old', 1000);
    assert.deepEqual([answer.isSignInRequired, answer.isFailed, answer.cause === cause], [true, false, true]);
  }
  const hostile = { get code() { throw new Error('hostile'); } };
  for (const cause of [new Error('x'), 'text', undefined, null, 42, hostile]) {
    const answer = await refresherOver(null, { refresh: async () => { throw cause; } }).ask('old', 1000);
    assert.deepEqual([answer.isSignInRequired, answer.isFailed], [false, true]);
    if (cause !== hostile) assert.equal(answer.cause, cause);
  }
});

test('a function that returns no tokens is told what it has to return', async () => {
  const hostile = { get accessToken() { throw new TypeError('accessToken: hostile'); } };
  const values = [undefined, null, '', 7, {}, [], { accessToken: '' }, { accessToken: 'a\nb' }, new Response('{}')];
  for (const nonsense of [...values, hostile]) {
    const { isFailed, cause } = await refresherOver(null, { refresh: () => nonsense }).ask('old', 1000);
    assert.deepEqual([isFailed, cause instanceof TypeError], [true, true]);
    assert.match(cause.message, /accessToken/);
  }
});

test('in a cookie session any success is one, and a mark stands for the token', async () => {
  for (const settings of [{ isCookieSession: true }, { isCookieSession: true, refresh: () => undefined }]) {
    const answer = await refresherOver(() => new Response(null, { status: 204 }), settings).ask(null, 1000);
    assert.ok(isMark(answer.accessToken));
  }
});

test('the token may come in a cookie, if it is another one than is held', async (t) => {
  pretend(t, { document: { cookie: 'a=b; access_token=new' } });
  const settings = { tokenCookie: 'access_token' };
  const respond = () => new Response('');
  assert.equal((await refresherOver(respond, settings, 'old').ask(null, 1000)).accessToken, 'new');
  assert.equal((await refresherOver(respond, settings, 'new').ask(null, 1000)).accessToken, undefined);
});

test('a cookie that throws when it is read ends the refresh within bounds', async (t) => {
  pretend(t, { document: Object.defineProperty({}, 'cookie', throwing()) });
  const settings = { tokenCookie: 'access_token', xsrfCookieName: 'XSRF-TOKEN', xsrfHeaderName: 'X-XSRF-TOKEN' };
  const answer = await refresherOver(() => json({ accessToken: 'a' }), settings).ask('old', 1000);
  assert.equal(answer.accessToken, 'a');
});
