// The arguments of fetch are read as fetch reads them, and nothing of them is lost on the way (rules 2.2 and 2.9).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readRequest } from '../../src/shell/request.js';
import { Transport } from '../../src/shell/transport.js';
import { inPage, originsOf, pageAt, settingsOf, startEcho } from './page.mjs';

const URL_ = 'https://api.example/x';
const BASE = { baseURL: 'https://api.example' };
const read = (init, options = BASE, input = URL_) => (
  readRequest(originsOf({ ...BASE, ...options }).target(input), init, settingsOf({ ...BASE, ...options }))
);

/** Sends through a transport, past the core. */
async function sent(options, input, init, token = null) {
  const transport = new Transport(settingsOf(options));
  const request = readRequest(transport.origins.target(input), init, settingsOf(options));
  return (await (transport.isPlain(request) ? transport.sendNow(request, token) : transport.send(request, token))).json();
}

/** An init that notes each read of a member. */
function noting(members, notes, prototype = {}) {
  const init = Object.create(prototype);
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(init, name, { get() { notes.push(name); return value; }, enumerable: name.length % 2 === 0 });
  }
  return init;
}

test('each member is read once, in the order of fetch, and no others', () => {
  const members = { method: 'PUT', body: 'text', headers: { 'X-A': '1' }, mode: 'cors', credentials: 'omit', cache: 'reload',
    redirect: 'error', referrer: 'about:client', referrerPolicy: 'origin', integrity: '', keepalive: true, signal: null,
    duplex: 'half', window: null };
  for (const prototype of [Object.prototype, null, { inherited: 1 }]) {
    const [theirs, ours] = [[], []];
    new Request(URL_, noting(members, theirs, prototype));
    read(noting({ ...members, unknown: 1, odd: 2 }, ours, prototype));
    assert.deepEqual([...ours].sort(), Object.keys(members).sort());
    assert.deepEqual(ours, [...ours].sort(), 'in the order that the standard has');
    assert.deepEqual([...new Set(theirs)].sort(), [...ours].sort(), 'those that the platform reads');
  }
});

test('inherited, hidden and computed members count', () => {
  class Settings {
    get method() { return 'PUT'; }
    get body() { return 'inherited'; }
  }
  const hidden = Object.defineProperty({}, 'method', { value: 'PATCH' });
  for (const [init, method, body] of [
    [new Settings(), 'PUT', 'inherited'], [Object.create({ method: 'DELETE' }), 'DELETE', undefined],
    [hidden, 'PATCH', undefined], [Object.assign(() => {}, { method: 'POST' }), 'POST', undefined],
    [new Proxy({ method: 'PUT' }, {}), 'PUT', undefined],
  ]) {
    const { init: own } = read(init);
    assert.deepEqual([own.method, own.body], [method, body]);
  }
});

test('what only some platforms know is passed along unread, with parts and beside a Request', async (t) => {
  const echo = await startEcho(t);
  const dispatcher = { any: 'object' };
  class Settings {
    #next = 'inherited';
    method = 'POST';
    get next() { return this.#next; }
  }
  const hidden = Object.defineProperty({ method: 'POST' }, 'dispatcher', { value: dispatcher });
  for (const [init, names] of [
    [{ method: 'POST', dispatcher, next: 1, cf: 2 }, ['dispatcher', 'next', 'cf']],
    [hidden, ['dispatcher']],
    [Object.freeze({ method: 'POST', cf: Object.freeze({}) }), ['cf']],
    [new Settings(), ['next']],
  ]) {
    for (const more of [{}, { hooks: { onRequest() {} } }, { timeout: 5000 }, { timeout: 5000, hooks: { onRequest() {} } }]) {
      let given;
      const underneath = (input, passed) => {
        given = passed;
        return fetch(input, { ...passed, dispatcher: undefined });
      };
      await sent({ baseURL: echo, fetch: underneath, ...more }, '/x', init);
      for (const name of names) assert.equal(given[name], init[name], `${name} with ${JSON.stringify(more)}`);
    }
  }
});

test('an unknown getter that throws is nobody’s concern', () => {
  const init = { method: 'PUT', get unknown() { throw new Error('own'); } };
  assert.equal(read(init).init.method, 'PUT');
  assert.equal(read(init, { hooks: { onRequest() {} } }).whole.method, 'PUT');
});

test('an init that changes later changes nothing, and none is changed', () => {
  for (const more of [{}, { hooks: { onRequest() {} } }]) {
    const headers = new Headers({ 'X-A': '1' });
    const init = { method: 'PUT', headers, body: 'x' };
    const request = read(Object.freeze({ ...init }), { headers: { 'X-B': '2' }, credentials: 'omit', ...more });
    headers.set('X-A', '2');
    init.method = 'DELETE';
    const { method, headers: own, credentials } = request.whole ?? request.init;
    assert.deepEqual([method, own.get('x-a'), own.get('x-b'), credentials], ['PUT', '1', '2', 'omit']);
    assert.deepEqual([...headers], [['x-a', '2']]);
  }
});

test('header names keep their case on the way', async (t) => {
  const echo = await startEcho(t);
  const names = (rawHeaders) => rawHeaders.filter((_, index) => index % 2 === 0 && /^x-/i.test(rawHeaders[index]));
  for (const headers of [{ 'X-CamelCase': '1', 'x-lower': '2' }, [['X-CamelCase', '1']], new Map([['X-CamelCase', '1']]), new Headers({ 'X-CamelCase': '1' })]) {
    const native = names((await (await fetch(echo, { headers })).json()).rawHeaders);
    for (const options of [{}, { hooks: { onRequest() {} } }, { timeout: 5000 }, { headers: { 'X-Default': '1' } }]) {
      const { rawHeaders } = await sent({ baseURL: echo, ...options }, '/', { headers }, 'token');
      assert.deepEqual(names(rawHeaders).filter((name) => !/default/i.test(name)), native);
      assert.ok(rawHeaders.includes('Bearer token') && rawHeaders.includes('Authorization'));
      assert.equal(rawHeaders.some((name) => /^x-default$/i.test(name)), options.headers !== undefined);
    }
  }
});

test('buffers that are shared, can grow or have been transferred give what fetch gives', async (t) => {
  const echo = await startEcho(t);
  const outcome = (promise) => promise.then(({ body }) => body, ({ name }) => name);
  const native = async (body) => (await fetch(echo, { method: 'POST', body })).json();
  const transferred = () => {
    const buffer = Uint8Array.of(1, 2, 3).buffer;
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  };
  const view = () => {
    const bytes = Uint8Array.of(1, 2, 3);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  };
  for (const make of [
    transferred, view, () => new ArrayBuffer(3, { maxByteLength: 6 }), () => new Uint8Array(new ArrayBuffer(3, { maxByteLength: 6 })),
    () => new SharedArrayBuffer(3), () => new Uint8Array(new SharedArrayBuffer(3)), () => new Uint8Array(0), () => new ArrayBuffer(0),
  ]) {
    const theirs = await outcome(native(make()));
    assert.equal(await outcome(sent({ baseURL: echo }, '/', { method: 'POST', body: make() })), theirs, String(make));
  }
});

test('bytes are copied, and replayed as they were', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  for (const [body, length] of [[bytes, 4], [bytes.subarray(1, 3), 2], [new DataView(bytes.buffer, 1), 3], [bytes.buffer, 4]]) {
    const { init, mayReplay, whole } = read({ method: 'POST', body });
    assert.deepEqual([init.body.byteLength, mayReplay, whole], [length, true, undefined]);
    assert.notEqual(init.body, bytes.buffer);
  }
  const params = new URLSearchParams({ a: '1' });
  const { init } = read({ method: 'POST', body: params });
  params.append('b', '2');
  assert.equal(String(init.body), 'a=1');
});

test('with a signal that is aborted already, wrong arguments still come first', () => {
  const signal = AbortSignal.abort();
  for (const init of [{ method: 'BAD METHOD' }, { body: 'x' }, { headers: { 'bad name': 'x' } }, { mode: 'nonsense' }]) {
    assert.throws(() => read({ ...init, signal }), TypeError, JSON.stringify(init));
  }
  assert.equal(read({ signal }).signal, signal);
});

test('what is no init, no signal or no header is refused as fetch refuses it', () => {
  for (const init of [7, 'GET', true, { signal: {} }, { signal: 'x' }, { headers: null }, { headers: 7 }, { timeout: '1' }]) {
    assert.throws(() => read(init), TypeError, JSON.stringify(init));
  }
  for (const init of [undefined, null, {}, [], { signal: null }]) assert.equal(read(init).isCallersOwn, false);
});

test('an authorization of the caller’s is its own, a default one is not', () => {
  assert.equal(read({ headers: { authorization: 'Basic x' } }).isCallersOwn, true);
  assert.equal(read(undefined, { headers: { Authorization: 'Basic x' } }).isCallersOwn, false);
  assert.equal(read({ headers: {} }, { headers: { Authorization: 'Basic x' } }).isCallersOwn, false);
  assert.equal(read(undefined, {}, new Request(URL_, { headers: { Authorization: 'x' } })).isCallersOwn, true);
  assert.deepEqual([read({ auth: false }).isCallersOwn, read({ auth: false }).mayReplay], [true, false]);
  assert.equal(read({ replay: false }).mayReplay, false);
});

test('to the own origin, no-cors becomes same-origin, so that the token can go along', async () => {
  await inPage(pageAt('https://api.example/page'), () => {
    assert.equal(read({ mode: 'no-cors' }).init.mode, 'same-origin');
    const image = new Request(URL_, { mode: 'no-cors', referrer: 'https://api.example/page', referrerPolicy: 'origin' });
    const { whole } = read(undefined, {}, image);
    assert.deepEqual([whole.mode, whole.referrerPolicy], ['same-origin', 'origin']);
    const elsewhere = read({ mode: 'no-cors' }, { allowedOrigins: ['https://b.example'] }, 'https://b.example/');
    assert.equal(elsewhere.init.mode, 'no-cors');
  });
});

test('the log has method and path, and no query', () => {
  assert.equal(read(undefined, {}, '/a?secret#x').describe(), 'GET https://api.example/a');
  assert.equal(read({ method: 'PUT', body: new Blob([]) }, {}, '/a?secret').describe(), 'PUT https://api.example/a');
});

test('referrer and referrer policy stay, also with a timeout', async () => {
  for (const options of [{}, { timeout: 1000 }, { timeout: 1000, hooks: { onRequest() {} } }]) {
    for (const init of [{ referrerPolicy: 'no-referrer' }, { referrerPolicy: 'origin', cf: 1 }, { method: 'POST', body: new Blob(['x']), referrerPolicy: 'origin' }]) {
      let given;
      const underneath = async (...args) => { given = new Request(...args); return Response.json(1); };
      await sent({ ...BASE, fetch: underneath, ...options }, '/x', init);
      assert.equal(given.referrerPolicy, init.referrerPolicy);
    }
  }
});
