// The api over a core that decides nothing (rules 1.2, 2.2 and 2.9).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

import { createApi, restart } from '../../src/shell/api.js';
import { inPage } from './page.mjs';
import { settle } from './stand-ins.mjs';

/** A task that has ended when it is stepped once: with a value, or with what a function brings. */
const done = (value) => ({
  step: (_, driver) => { driver.finish(); return typeof value === 'function' ? value() : value; }, free() {},
});

/** A core that notes what it is asked for, and lets everything depart with a token. */
class FakeCore {
  calls = [];
  token = 'token';
  join(sibling) { this.sibling = sibling; }
  start(platform) { this.platform = platform; }
  depart() { return this.token; }
  epoch() { return 7; }
  fetch(platform, request, epoch, response) {
    return response ? this.#noted('unauthorized', epoch, 'answered') : this.#noted('fetch', request, 'from the core');
  }
  accessToken(platform, minValidity) { return this.#noted('accessToken', minValidity, this.token ?? 'renewed'); }
  session(platform) { return platform.snapshot('signedIn', 1, this.token, Number.NaN); }
  changeSession(platform, ...tokens) { return this.#noted('changeSession', tokens); }
  #noted(name, given, value) { this.calls.push([name, given]); return done(value); }
}

function stage(options, response = () => Response.json({ a: 1 })) {
  const sent = [];
  const core = new FakeCore();
  const fetch = async (input, init) => { sent.push(new Request(input, init)); return response(); };
  const api = createApi({ baseURL: 'https://api.example', storage: 'memory', fetch, ...options }, 'createApi: ', core);
  return { api, core, sent };
}

test('the api has its members and shows nothing else', async () => {
  const { api } = stage();
  assert.deepEqual(Object.keys(api), ['fetch', 'request', 'signIn', 'setTokens', 'signOut', 'refresh', 'getAccessToken', 'on',
    'session', 'subscribe', 'get', 'delete', 'head', 'options', 'post', 'put', 'patch']);
  assert.deepEqual(Reflect.ownKeys(api), Object.keys(api));
  assert.deepEqual([api.fetch.name, api.fetch.length], ['fetch', 1]);
  assert.doesNotMatch(inspect(api, { depth: 9 }), /token'|Symbol|core|platform|undefined/);
});

test('without arguments fetch rejects as the platform’s does', async () => {
  const api = createApi({ storage: 'memory' }, 'createApi: ', new FakeCore());
  const native = await fetch().catch((error) => error);
  await assert.rejects(api.fetch(), { name: native.name, message: native.message });
});

test('the short way sends before fetch returns, and asks the core about a 401 of ours', async () => {
  const { api, core, sent } = stage();
  const answer = api.fetch('/x');
  assert.deepEqual([sent.length, sent[0].url, sent[0].headers.get('authorization')], [1, 'https://api.example/x', 'Bearer token']);
  assert.equal((await answer).status, 200);
  assert.deepEqual(core.calls, []);
  const refused = stage({}, () => new Response(null, { status: 401 }));
  assert.equal(await refused.api.fetch('/x'), 'answered');
  assert.deepEqual(refused.core.calls, [['unauthorized', 7]]);
});

test('what has to wait, or to be asked about, is the core’s', async () => {
  const { api, core } = stage();
  core.token = undefined;
  assert.equal(await api.fetch('/x'), 'from the core');
  for (const [options, init] of [[{}, { body: new FormData(), method: 'POST' }], [{ timeout: 1000 }], [{ isUnauthorized() {} }],
    [{ hooks: { onRequest() {} } }]]) {
    assert.equal(await stage(options).api.fetch('/x', init), 'from the core');
  }
});

test('a request to where tokens are asked for has the token, and its 401 is the caller’s', async () => {
  for (const options of [{}, { timeout: 1000 }, { refresh: { tokenEndpoint: '/refresh-token', clientId: 'x' } }]) {
    const { api, core, sent } = stage(options, () => new Response(null, { status: 401 }));
    assert.equal((await api.fetch('/refresh-token?x', { method: 'POST' })).status, 401);
    assert.equal(sent[0].headers.get('authorization'), 'Bearer token');
    core.token = undefined;
    assert.equal((await api.fetch('/refresh-token')).status, 401);
    assert.equal(sent[1].headers.get('authorization'), 'Bearer renewed');
    assert.equal(core.calls.some(([name]) => name !== 'accessToken'), false);
  }
});

test('to another origin, and with an authorization of its own, a request passes the core by', async () => {
  const { api, core, sent } = stage({ headers: { 'X-A': '1' } }, () => new Response(null, { status: 401 }));
  assert.equal((await api.fetch('https://other.example/', { method: 'PUT' })).status, 401);
  assert.deepEqual([sent[0].method, [...sent[0].headers]], ['PUT', []]);
  assert.equal((await api.fetch('/x', { headers: { Authorization: 'Basic x' } })).status, 401);
  assert.equal((await api.fetch('/x', { auth: false })).status, 401);
  assert.deepEqual([sent[1].headers.get('authorization'), sent[2].headers.get('authorization')], ['Basic x', null]);
  assert.deepEqual(core.calls, []);
});

test('an exception of the caller’s objects is that call’s rejection and nothing else', async () => {
  const { api, sent } = stage();
  const error = new Error('own');
  const fail = () => { throw error; };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (let round = 0; round < 600; round += 1) {
    for (const args of [
      [{ toString: fail }], [{ get url() { return fail(); } , clone() {} }], ['/x', { get method() { return fail(); } }],
      ['/x', { headers: new Proxy({}, { ownKeys: fail }) }], ['/x', new Proxy({}, { get: fail })],
      ['/x', { method: 'POST', body: { toString: fail } }],
    ]) assert.equal(await api.fetch(...args).catch((reason) => reason), error);
    await assert.rejects(api.fetch('/x', proxy), TypeError);
    await assert.rejects(api.fetch(proxy), TypeError);
  }
  assert.equal(sent.length, 0);
  assert.equal((await api.fetch('/x')).status, 200);
});

test('a signal that is aborted already gives a rejected promise, but wrong arguments come first', async () => {
  const { api, sent } = stage();
  const signal = AbortSignal.abort('left');
  for (const init of [{}, { method: 'POST', body: new Blob(['x']) }, { timeout: 5 }]) {
    const state = await Promise.race([api.fetch('/x', { ...init, signal }), Promise.resolve('pending')]).catch((reason) => reason);
    assert.equal(state, 'left');
  }
  assert.equal(await api.fetch(new Request('https://api.example/x', { signal })).catch((reason) => reason), 'left');
  await assert.rejects(api.fetch('/x', { signal, method: 'BAD METHOD' }), TypeError);
  assert.equal(sent.length, 0);
});

test('signIn takes tokens that can be sent, and a lifetime in seconds', async () => {
  const { api, core } = stage();
  await api.signIn({ accessToken: 'a', refreshToken: 'r', expiresIn: 60 });
  await api.signIn({ accessToken: 'a', refreshToken: null });
  await api.setTokens({ accessToken: 'a', expiresIn: '60' });
  assert.deepEqual(core.calls, [
    ['changeSession', ['a', 'r', 60_000, false]], ['changeSession', ['a', undefined, Number.NaN, false]], ['changeSession', ['a', undefined, 60_000, true]],
  ]);
  await assert.rejects(api.signIn({ access_token: 'a' }), new TypeError('signIn: `access_token` is `accessToken` here.'));
  await assert.rejects(api.setTokens({ accessToken: 'Bearer a.b.c' }), /^TypeError: setTokens: `accessToken` is the token alone/);
  const text = 'signIn: expected { accessToken, refreshToken?, expiresIn? }: strings that can stand in a header, and a number of seconds.';
  for (const tokens of [undefined, null, 7, {}, { accessToken: 7 }, { accessToken: '' }, { accessToken: 'a\nb' }, { accessToken: `${undefined}` },
    { accessToken: 'a', refreshToken: '' }, { accessToken: 'a', expiresIn: 0 }, { accessToken: 'a', expiresIn: 'soon' }]) {
    await assert.rejects(api.signIn(tokens), new TypeError(text));
  }
  for (const [tokens, complaint] of [
    [{ accessToken: 'Bearer a' }, /^signIn: `accessToken` is the token alone/],
    [{ access_token: 'a' }, /^signIn: `access_token` is `accessToken` here/],
    [{ accessToken: 'a', refresh_token: 'r' }, /^signIn: `refresh_token` is `refreshToken` here\.$/],
    [{ accessToken: 'a', expires_in: 60 }, /^signIn: `expires_in` is `expiresIn` here\.$/],
  ]) await assert.rejects(api.signIn(tokens), { name: 'TypeError', message: complaint });
  await api.signIn({ accessToken: 'a', refreshToken: 'r', refresh_token: 'r', token_type: 'Bearer' });
  const cookie = stage({ session: 'cookie' });
  await cookie.api.signIn();
  assert.match(cookie.core.calls[0][1][0], /^\d+$/);
  assert.equal(await cookie.api.getAccessToken(), null);
  assert.equal(await cookie.api.signOut(), undefined);
});

test('getAccessToken and on refuse what they do not know', async () => {
  const { api, core } = stage();
  assert.equal(await api.getAccessToken({ minValidity: 5 }), 'token');
  assert.deepEqual(core.calls, [['accessToken', 5000]]);
  await assert.rejects(api.getAccessToken({ minvalidity: 5 }), /did you mean `minValidity`/);
  const expected = "on: expected one of 'tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged', and a function.";
  for (const args of [[], ['signedout', () => {}], ['signedOut']]) assert.throws(() => api.on(...args), new TypeError(expected));
  assert.equal(typeof api.on('signedOut', () => {}), 'function');
});

test('the session is known at once, and subscribe takes a function', () => {
  const { api, core } = stage();
  assert.deepEqual(api.session, { status: 'signedIn', subject: null, claims: null, expiresAt: null });
  assert.equal(api.session, api.session);
  for (const wrong of [undefined, null, {}, 'signedOut']) {
    assert.throws(() => api.subscribe(wrong), new TypeError('subscribe: expected a function.'));
  }
  assert.equal(api.subscribe(() => {})(), undefined);
  assert.deepEqual(core.calls, []);
});

test('with autoRefresh, a storage that answers later is read although nobody asks', async () => {
  for (const autoRefresh of [false, true]) {
    const read = [];
    const noticed = [];
    class Idle extends FakeCore {
      untilDue() { return Number.POSITIVE_INFINITY; }
      noticeChange() { noticed.push([...read]); }
    }
    const storage = { get: async (key) => { read.push(key); }, set() {}, remove() {} };
    createApi({ baseURL: 'https://api.example', storage, autoRefresh }, 'createApi: ', new Idle());
    await settle();
    assert.deepEqual(noticed, autoRefresh ? [['refreshToken', 'accessToken']] : []);
  }
});

test('after a trap each api has a new core, which has joined those of its session', async () => {
  const storage = { get: () => null, set() {}, remove() {} };
  const [one, two, three] = [stage({ storage }), stage({ storage }), stage({ storage: { ...storage } })];
  assert.deepEqual([one.core.sibling, two.core.sibling, three.core.sibling], [undefined, one.core, undefined]);
  const cores = [];
  restart(() => { const core = new FakeCore(); cores.push(core); return core; });
  const coreOf = ({ core }) => cores.find(({ platform }) => platform === core.platform);
  assert.equal(coreOf(two).sibling, coreOf(one));
  assert.deepEqual([coreOf(one).sibling, coreOf(three).sibling], [undefined, undefined]);
  assert.equal(coreOf(one).platform, one.core.platform);
  await one.api.refresh();
  assert.deepEqual([one.core.calls, coreOf(one).calls], [[], [['accessToken', Infinity]]]);
});

test('in the place of the platform’s fetch it calls what was there before', async () => {
  let calls = 0;
  await inPage({ fetch: async () => { calls += 1; return Response.json(1); } }, async () => {
    const make = () => createApi({ baseURL: 'https://api.example', storage: 'memory' }, 'createApi: ', new FakeCore());
    const [one, two] = [make(), make()];
    globalThis.fetch = one.fetch;
    await fetch('/x');
    globalThis.fetch = two.fetch;
    await Promise.all([fetch('/x'), one.fetch('/x'), make().fetch('/x')]);
  });
  assert.equal(calls, 4);
});

/** A body that never ends, and the reason it was cancelled for. */
function endless() {
  const state = { reason: undefined, isCancelled: false };
  state.body = new ReadableStream({
    async pull(controller) {
      await pause(1);
      controller.enqueue(new Uint8Array(1024));
    },
    cancel(reason) { Object.assign(state, { reason, isCancelled: true }); },
  });
  return state;
}

/** A `fetch` that gives up its body as the standard says; Node's goes on reading. */
async function standard(url, { body, signal }) {
  const reader = body.getReader();
  await reader.read();
  if (url.endsWith('/early')) {
    reader.cancel('answered');
    return new Response(null, { status: 413 });
  }
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reader.cancel(signal.reason);
      reject(signal.reason);
    });
  });
}

test('a stream is cancelled when the caller aborts, or when the server answers early', async () => {
  for (const [options, more] of [[{}], [{ timeout: 60_000 }], [{ hooks: { onRequest() {} } }], [{}, { auth: false }], [{}, { replay: false }]]) {
    const core = new FakeCore();
    core.fetch = (platform, request) => done(() => platform.send(request, 'token'));
    const api = createApi({ baseURL: 'https://api.example', storage: 'memory', fetch: standard, ...options }, 'createApi: ', core);
    const [aborted, early, late] = [endless(), endless(), endless()];
    const controller = new AbortController();
    const init = { method: 'POST', duplex: 'half', signal: controller.signal, ...more };
    assert.equal((await api.fetch('/early', { ...init, body: early.body })).status, 413);
    const answer = api.fetch('/never', { ...init, body: aborted.body });
    setTimeout(() => controller.abort('left'), 10);
    assert.equal(await answer.catch((reason) => reason), 'left');
    await api.fetch('/x', { ...init, body: late.body }).catch(() => {});
    for (let n = 0; n < 50 && !(aborted.isCancelled && early.isCancelled && late.isCancelled); n += 1) await pause(5);
    assert.deepEqual([aborted, early, late].map(({ isCancelled }) => isCancelled), [true, true, true], JSON.stringify([options, more]));
  }
});

test('a tool that stands around ours, and calls it later, ends with the platform’s fetch', async () => {
  const native = [];
  const platform = async (input, init) => { native.push(new Request(input, init)); return Response.json(1); };
  const pass = async (input, init) => [input, init];
  const copy = async (input, init) => [new Request(input, init)];
  await inPage({ fetch: platform }, async () => {
    for (const token of ['token', null]) {
      for (const read of [pass, copy]) {
        for (const init of [undefined, { method: 'POST', body: 'x' }, { method: 'POST', body: new FormData() }]) {
          globalThis.fetch = platform;
          const core = new FakeCore();
          core.token = token;
          core.fetch = (platform, request) => done(() => platform.send(request, token));
          const { fetch: ours } = createApi({ baseURL: 'https://api.example', storage: 'memory' }, 'createApi: ', core);
          let hops = 0;
          globalThis.fetch = async (...args) => { hops += 1; return ours(...await read(...args)); };
          native.length = 0;
          assert.equal((await ours('/x', init)).status, 200);
          assert.equal((await fetch('https://api.example/y', init)).status, 200);
          assert.equal(native.length, 2, 'what left the page');
          assert.deepEqual(native.map(({ headers }) => headers.get('authorization')), Array(2).fill(token && 'Bearer token'));
          assert.ok(hops <= (token ? 4 : 400), `${hops} hops`);
        }
      }
    }
  });
});

test('a refresh that comes back through a tool is not held up by itself', async () => {
  const native = [];
  await inPage({ fetch: async (input) => { native.push(input); return Response.json(1); } }, async () => {
    const core = new FakeCore();
    core.accessToken = () => done(() => new Promise(() => {}));
    const { fetch: ours } = createApi({ baseURL: 'https://api.example', storage: 'memory' }, 'createApi: ', core);
    core.token = undefined;
    globalThis.fetch = async (...args) => ours(...args);
    const { transport } = core.platform;
    assert.equal((await transport.call('https://api.example/refresh-token', { method: 'POST' })).status, 200);
    assert.deepEqual(native, ['https://api.example/refresh-token']);
  });
});

test('a fetch that a tool puts there later is used, and many requests alike may pass through it', async () => {
  let calls = 0;
  await inPage({ fetch: () => assert.fail('the one before') }, async () => {
    const api = createApi({ baseURL: 'https://api.example', storage: 'memory' }, 'createApi: ', new FakeCore());
    globalThis.fetch = async () => { calls += 1; return Response.json(1); };
    for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 100 }, () => api.fetch('/x')));
    globalThis.fetch = () => { throw new Error('a tool throws'); };
    for (let round = 0; round < 200; round += 1) await assert.rejects(api.fetch('/x'), /a tool throws/);
  });
  assert.equal(calls, 300);
});
