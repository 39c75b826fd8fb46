// The requests for new tokens, and how the answers are read.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Refresher } from '../../src/shell/refresher.js';
import { isMark } from '../../src/shell/token.js';
import { pass, pretend, settle, throwing } from './stand-ins.mjs';

const SETTINGS = {
  refreshURL: 'https://shop.example/refresh-token', isCookieSession: false, credentials: 'include', tokenNames: {},
};
/** The token may go to shop.example, and to nobody else. */
const origins = { target: (url) => ({ isOurs: url.startsWith('https://shop.example/'), isOwn: false }) };
const json = (value, init) => new Response(JSON.stringify(value), init);

/** A refresher over a `fetch` that answers so, and what that was called with. */
function refresherOver(respond, settings = {}, held = null) {
  const calls = [];
  const fetch = (...args) => {
    calls.push(args);
    return respond(...args);
  };
  const call = async (...args) => fetch(...args);
  const session = { storage: { read: () => held }, observers: new Set() };
  const refresher = new Refresher({ ...SETTINGS, ...settings }, { call, fetch, origins }, session);
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

test('where there is no page, a relative URL is not sent to, and the cause says baseURL', async () => {
  for (const settings of [{ refreshURL: '/refresh-token' }, { refresh: { tokenEndpoint: '/token', clientId: 'x' } }]) {
    const refresher = refresherOver(() => json({ accessToken: 'a' }), settings);
    const { isFailed, cause } = await refresher.ask('old', 1000);
    assert.equal(isFailed, true);
    assert.match(cause.message, /`baseURL`/);
    assert.deepEqual(refresher.calls, []);
  }
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
  assert.equal(body, 'grant_type=refresh_token&refresh_token=old&client_id=the+web&scope=read+write');
  const sent = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
  assert.deepEqual(Object.fromEntries(headers), sent);
});

test('tokens are found at the top level and under data, in both spellings', async () => {
  const tokens = { isJson: true, status: 200, accessToken: 'a', refreshToken: 'r', expiresIn: 60_000 };
  for (const body of [
    { accessToken: 'a', refreshToken: 'r', expiresIn: 60 },
    { access_token: 'a', refresh_token: 'r', expires_in: 60 },
    { accessToken: '', access_token: 'a', refreshToken: '', refresh_token: 'r', expiresIn: -1, expires_in: 60 },
    { access_token: 'a', refresh_token: 'r', expires_in: '60' },
    { code: 0, data: { accessToken: 'a', refresh_token: 'r', expires_in: 60 } },
    { accessToken: 'a', data: { refreshToken: 'r', expiresIn: 60 } },
    { expires_in: 60, data: { access_token: 'a', refresh_token: 'r' } },
  ]) {
    assert.deepEqual(said(await refresherOver(() => json(body)).ask(null, 1000)), tokens);
  }
  const bare = await refresherOver(() => json({ accessToken: 'a', refreshToken: 7, expiresIn: '60s' })).ask(null, 1000);
  assert.deepEqual(said(bare), { isJson: true, status: 200, accessToken: 'a' });
});

test('a token server may have names of its own, for what is sent and for what is found, also by a path', async () => {
  const django = { tokenNames: { accessToken: 'access', refreshToken: 'refresh', expiresIn: 'ttl' } };
  const refresher = refresherOver(() => json({ access: 'a', refresh: 'r', ttl: 60 }), django);
  const found = { isJson: true, status: 200, accessToken: 'a', refreshToken: 'r', expiresIn: 60_000 };
  assert.deepEqual(said(await refresher.ask('old', 1000)), found);
  assert.equal(refresher.calls[0][1].body, '{"refresh":"old"}');
  const nested = { tokenNames: { accessToken: 'result.token' } };
  for (const body of [{ result: { token: 'a' } }, { data: { result: { token: 'a' } } }, { accessToken: 'a', result: null }]) {
    assert.equal((await refresherOver(() => json(body), nested).ask('old', 1000)).accessToken, 'a');
  }
});

test('the headers of the application go only where the token may go', async () => {
  const headers = new Headers({ 'X-App': 'shop' });
  for (const [settings, goesAlong] of [
    [{}, true], [{ refreshURL: 'https://id.example/refresh' }, false],
    [{ refresh: { tokenEndpoint: 'https://shop.example/token', clientId: 'web' } }, true],
    [{ refresh: { tokenEndpoint: 'https://id.example/token', clientId: 'web' } }, false],
  ]) {
    const refresher = refresherOver(() => json({}), { headers, ...settings });
    await refresher.ask('old', 1000);
    assert.equal(refresher.calls[0][1].headers.has('X-App'), goesAlong);
  }
});

test('JSON without a usable token says its code, and has a cause', async () => {
  for (const [body, code] of [
    [{ code: 401 }, { code: 401 }], [{ code: 0 }, { code: 0 }], [{ code: '401' }, {}], [{ code: -1 }, {}],
    [{ code: 1e9 }, {}], [null, {}], ['text', {}], [[], {}], [7, {}], [{ accessToken: 'bad\ntoken' }, {}],
    [{ accessToken: {} }, {}], [{ data: null }, {}], [{ accessToken: 'undefined', access_token: 'null' }, {}],
  ]) {
    const { cause, ...more } = said(await refresherOver(() => json(body)).ask(null, 1000));
    assert.deepEqual([more, cause.status], [{ status: 200, isJson: true, ...code }, 200]);
  }
});

test('errors that pass by themselves are told, in every spelling that servers use', async () => {
  const isTemporary = async (body) => (await refresherOver(() => json(body, { status: 400 })).ask(null, 1000)).isTemporary;
  for (const body of [
    { error: 'temporarily_unavailable' }, { error: 'server_error' }, { error: 'slow_down' }, { code: 'slow_down' },
    { __type: 'TooManyRequestsException' }, { __type: 'com.amazonaws#ThrottlingException' }, { type: 'rate_limit_error' },
    { error: { type: 'rate-limited' } }, { error: { code: 'too_many_requests' } },
  ]) assert.equal(await isTemporary(body), true, JSON.stringify(body));
  for (const body of [
    { error: 'invalid_grant' }, { error: 'not a server_error' }, { message: 'slow_down' }, { error: { code: 400 } }, {}, [], null, 'slow_down',
  ]) assert.equal(await isTemporary(body), false, JSON.stringify(body));
});

test('a page is told from other text and from JSON, whatever its type says', async () => {
  const isPage = async (text, type) => (
    (await refresherOver(() => new Response(text, { headers: { 'Content-Type': type } })).ask(null, 1000)).isPage
  );
  for (const [text, type, expected] of [
    ['<p>', 'text/html; charset=utf-8', true], ['', 'application/xhtml+xml', true], ['\n <!DOCTYPE html>', 'text/plain', true],
    ['<HTML lang="en">', 'application/json', true], ['<xml/>', 'text/xml', false], ['', 'text/plain', false],
    ['{"code":1}', 'text/html', false],
  ]) assert.equal(await isPage(text, type), expected, text);
});

test('another status is told with a cause that says what the answer said', async () => {
  const respond = () => json({ accessToken: 'a' }, { status: 503 });
  const { cause, ...more } = said(await refresherOver(respond).ask(null, 1000));
  assert.equal(more.status, 503);
  assert.deepEqual([cause.message, cause.status], ['The token server answered 503', 503]);
  const causeOf = async (body) => (await refresherOver(() => json(body, { status: 400 }), {}, 'held').ask('old', 1000)).cause.message;
  assert.equal(await causeOf({ error: 'invalid_grant', error_description: 'It has expired' }),
    'The token server answered 400: invalid_grant: It has expired');
  assert.equal(await causeOf({ error: { code: 'E1', message: 'no' } }), 'The token server answered 400: E1: no');
  assert.equal(await causeOf({ message: 'x'.repeat(20).concat(' ').repeat(30) }).then(({ length }) => length), 231);
});

test('no cause holds a token, be it one that was sent, one that is held, or one that came', async () => {
  const jwt = `eyJhbGciOiJub25lIn0.${'a'.repeat(30)}.b-c_d`;
  const message = `token "old" instead of held, or ${jwt}: is not valid`;
  const { cause } = await refresherOver(() => json({ message }, { status: 400 }), {}, 'held').ask('old', 1000);
  assert.equal(cause.message, 'The token server answered 400: token "…" instead of …, or …: is not valid');
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
  // The clock here is an hour behind.
  const headers = { 'Retry-After': 'Mon, 01 Jan 2024 01:00:30 GMT', Date: 'Mon, 01 Jan 2024 01:00:00 GMT' };
  const respond = () => new Response('', { status: 503, headers });
  assert.equal((await refresherOver(respond).ask(null, 1000)).retryAfter, 30_000);
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
  const refresher = refresherOver(() => {}, { refresh }, 'held');
  const tokens = { status: 200, isJson: true, accessToken: 'a', refreshToken: 'r' };
  assert.deepEqual(said(await refresher.ask('old', 1000)), tokens);
  const [{ refreshToken, accessToken, signal, fetch, ...more }] = contexts;
  assert.deepEqual([refreshToken, accessToken, more], ['old', 'held', {}]);
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

test('in a cookie session a page is no success, nor is what a redirect to another path led to', async () => {
  const answerOf = async (type, url, status = 200) => {
    const response = new Response('<p>', { status, headers: { 'Content-Type': type } });
    Object.defineProperties(response, { url: { value: url }, redirected: { value: url !== SETTINGS.refreshURL } });
    return refresherOver(() => response, { isCookieSession: true }).ask(null, 1000);
  };
  const { refreshURL } = SETTINGS;
  for (const [type, url, isSuccess] of [
    ['text/plain', refreshURL, true], ['text/html', refreshURL, false], ['text/plain', `${refreshURL}/?a=b`, true],
    ['text/plain', 'https://shop.example/sign-in', false], ['text/html', 'https://shop.example/sign-in', false],
  ]) {
    const { accessToken, isPage } = await answerOf(type, url);
    assert.deepEqual([Boolean(accessToken), isPage], [isSuccess, !isSuccess], `${type} ${url}`);
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
