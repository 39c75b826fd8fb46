// The fetch underneath, and what becomes of an attempt (rules 1.2, 2.2, 2.8 and 2.9).

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { readRequest } from '../../src/shell/request.js';
import { Transport } from '../../src/shell/transport.js';
import { inPage, settingsOf } from './page.mjs';

const BASE = { baseURL: 'https://api.example' };

/** A transport, and what sends a request through it. */
function stage(options) {
  const settings = settingsOf({ ...BASE, ...options });
  const transport = new Transport(settings);
  const send = (input, init, token = 'token') => (
    transport.send(readRequest(transport.origins.target(input), init, settings), token)
  );
  return { transport, send };
}

test('without fetch the error says so, and how to give one', async () => {
  await inPage({ fetch: undefined }, () => {
    assert.throws(() => new Transport(settingsOf({})), { name: 'UnsupportedRuntimeError', message: /no fetch.*option `fetch`/ });
    new Transport(settingsOf({ fetch() {} }));
  });
});

test('the platform’s fetch is looked up at each call', async () => {
  const { transport } = stage();
  await inPage({ fetch: async () => 'put there later' }, async () => {
    assert.equal(await transport.call('x'), 'put there later');
  });
});

test('wrappers of ours in the place of the platform’s fetch never call themselves, nor each other', async () => {
  const calls = [];
  await inPage({ fetch: async (url) => { calls.push(url); return 'native'; } }, async () => {
    const [first, second] = [stage().transport, stage().transport];
    const wrap = (transport) => {
      const wrapper = (...args) => transport.call(...args);
      transport.mark(wrapper);
      assert.deepEqual(Object.keys(wrapper), []);
      return wrapper;
    };
    globalThis.fetch = wrap(first);
    const third = stage().transport;
    for (const wrapper of [wrap(first), wrap(second), wrap(third)]) {
      globalThis.fetch = wrapper;
      assert.equal(await fetch('x'), 'native');
    }
    const tool = ((inner) => (...args) => inner(...args))(wrap(first));
    globalThis.fetch = tool;
    assert.equal(await fetch('x'), 'native', 'with a tool around it');
  });
  assert.equal(calls.length, 4);
});

test('what the fetch underneath throws, or returns in place of a promise, is settled', async () => {
  const error = new Error('own');
  await assert.rejects(stage({ fetch() { throw error; } }).transport.call('x'), error);
  assert.equal(await stage({ fetch: () => 'no promise' }).transport.call('x'), 'no promise');
});

test('a timeout rejects although the fetch underneath knows no signals, and clears its timer', async () => {
  const signals = [];
  const { send } = stage({ timeout: 20, fetch: (url, { signal }) => { signals.push(signal); return new Promise(() => {}); } });
  await assert.rejects(send('/x'), { name: 'TimeoutError', code: DOMException.TIMEOUT_ERR });
  assert.equal(signals[0].reason.name, 'TimeoutError');
  let cleared = 0;
  await inPage({ clearTimeout: ((clear) => (id) => { cleared += 1; clear(id); })(clearTimeout) }, async () => {
    await stage({ timeout: 60_000, fetch: async () => Response.json(1) }).send('/x');
    assert.equal(cleared, 1);
  });
});

test('an abort has its own reason, whatever fetch says', async () => {
  for (const reason of [new Error('left'), 0, null, 'text']) {
    for (const timeout of [0, 5000]) {
      const controller = new AbortController();
      const underneath = (url, { signal }) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
      const { send } = stage({ timeout, fetch: underneath });
      const answer = send('/x', { signal: controller.signal });
      controller.abort(reason);
      assert.deepEqual(await answer.catch((error) => [error]), [reason]);
    }
  }
});

test('a 401 that another origin gave is not ours, and what a hook answers is judged anew', async () => {
  const from = (url, more) => Object.defineProperties(new Response(null, { status: 401 }), {
    url: { value: url }, redirected: { value: true }, ...more,
  });
  const { transport } = stage();
  assert.equal(transport.isUnauthorized(new Response(null, { status: 401 })), true);
  assert.equal(transport.isUnauthorized(new Response(null, { status: 403 })), false);
  assert.equal(transport.isUnauthorized(from('https://api.example/x')), true);
  assert.equal(transport.isUnauthorized(from('https://evil.example/x')), false);
  class Liar extends Request {
    get url() { return 'https://api.example/'; }
  }
  for (const [answer, authorization] of [
    [new Request('https://api.example/b'), 'Bearer token'],
    [new Request('https://evil.example/'), null],
    [new Liar('https://evil.example/'), null],
    [Object.defineProperty(new Request('https://evil.example/'), 'url', { value: 'https://api.example/' }), null],
    [{ url: 'https://api.example/c', clone() {}, method: 'PUT' }, 'Bearer token'],
    [undefined, 'Bearer token'],
    [new Request('https://api.example/d', { headers: { Authorization: 'Basic own' } }), 'Basic own'],
  ]) {
    let sent;
    const { send } = stage({ hooks: { onRequest: () => answer }, fetch: async (...args) => { sent = new Request(...args); return Response.json(1); } });
    await send('/x');
    assert.notEqual(new URL(sent.url).pathname, '/[object%20Request]');
    assert.equal(sent.headers.get('authorization'), authorization);
  }
});

test('a rule of the caller’s decides; one that throws leaves it to the status', async () => {
  const rule = async (response) => (await response.clone().json()).code === 40101;
  const { transport } = stage({ isUnauthorized: rule });
  assert.equal(await transport.isUnauthorized(Response.json({ code: 40101 })), true);
  assert.equal(await transport.isUnauthorized(Response.json({ code: 0 })), false);
  await inPage({ reportError() {} }, async () => {
    const broken = stage({ isUnauthorized() { throw new Error('own'); } }).transport;
    assert.equal(await broken.isUnauthorized(new Response(null, { status: 401 })), true);
    assert.equal(await broken.isUnauthorized(Response.json(1)), false);
  });
});

test('a token that cannot stand in a header, and the mark of a cookie session, are not sent', async () => {
  for (const [options, token, expected] of [
    [{}, 'a', 'Bearer a'], [{ scheme: '' }, 'a', 'a'], [{}, 'a\nb', null], [{}, '☃', null], [{}, null, null],
    [{ session: 'cookie' }, 'mark', null],
  ]) {
    for (const init of [undefined, { headers: { 'X-A': '1' } }, { method: 'POST', body: new Blob(['x']) }]) {
      let headers;
      const underneath = async (...args) => { ({ headers } = new Request(...args)); return Response.json(1); };
      await stage({ ...options, fetch: underneath }).send('/x', init, token);
      assert.equal(headers.get('authorization'), expected);
    }
  }
});

test('a replay is sent where the request went first, whatever has become of the page', async () => {
  const page = { origin: 'https://app.example', location: { href: 'https://app.example/a/', origin: 'https://app.example' },
    document: { baseURI: 'https://app.example/a/' } };
  await inPage(page, async () => {
    const urls = [];
    const settings = settingsOf({ fetch: async (input) => { urls.push(new Request(input).url); return Response.json(1); } });
    const transport = new Transport(settings);
    for (const init of [{ method: 'DELETE' }, { method: 'POST', body: new Blob(['x']) }]) {
      page.document.baseURI = 'https://app.example/a/';
      const request = readRequest(transport.origins.target('orders'), init, settings);
      await transport.send(request, 'token');
      page.document.baseURI = 'https://evil.example/';
      await transport.send(request, 'token');
    }
    assert.deepEqual(urls, Array(4).fill('https://app.example/a/orders'));
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

test('an abort reaches the body also after a garbage collection, and no listener stays', async (t) => {
  const server = createServer((_request, response) => { response.write('begun'); });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  for (const options of [{}, { timeout: 5000 }, { hooks: { onRequest() {} } }, { timeout: 5000, hooks: { onRequest() {} } }]) {
    for (const body of [undefined, 'x', new Blob(['x'])]) {
      const controller = new AbortController();
      const { send } = stage({ baseURL, ...options });
      const init = { method: body === undefined ? 'GET' : 'POST', body, signal: controller.signal };
      const reader = (await send('/', init)).body.getReader();
      await reader.read();
      for (let round = 0; round < 3; round += 1) {
        collectGarbage();
        await pause(5);
      }
      const reason = new Error('left');
      controller.abort(reason);
      const outcome = await Promise.race([reader.read().catch((error) => error), pause(500, 'not reached')]);
      assert.equal(outcome, reason, JSON.stringify([options, typeof body]));
      assert.deepEqual(getEventListeners(controller.signal, 'abort').length, 0);
    }
  }
});

/** A `fetch` of a library that knows no `Request` but its own, and what it is called with. */
function otherLibrary() {
  class Request {}
  const calls = [];
  const underneath = async (input, init) => {
    if (!(input instanceof Request)) input = new URL(String(input)).href;
    calls.push([input, init]);
    const { body } = init ?? {};
    return Response.json({ body: body && !isForeign(body) ? await new Response(body).text() : String(body ?? '') });
  };
  const isForeign = (body) => body instanceof FormDataOfIt;
  class FormDataOfIt {
    get [Symbol.toStringTag]() { return 'FormData'; }
  }
  return { underneath, calls, FormData: FormDataOfIt };
}

test('a fetch with a Request class of its own is called with a URL and an init', async () => {
  const { underneath, calls, FormData: OtherForm } = otherLibrary();
  const form = new FormData();
  form.set('a', '1');
  const other = new OtherForm();
  const stream = () => new Response('streamed').body;
  for (const hooks of [{}, { onRequest() {} }]) {
    for (const [init, text] of [
      [{ method: 'PUT', body: new Blob(['blob'], { type: 'text/css' }) }, /^blob$/], [{ method: 'POST', body: form }, /name="a"/],
      [{ method: 'POST', body: stream(), duplex: 'half' }, /^streamed$/], [{ priority: 'low', referrerPolicy: 'origin' }, /^$/],
      ...hooks.onRequest ? [] : [[{ method: 'POST', body: other }, /FormData/]],
    ]) {
      const { send } = stage({ hooks, fetch: underneath });
      assert.match((await (await send('/x', { ...init, headers: { 'X-A': '1' } })).json()).body, text);
      const [url, given] = calls.at(-1);
      assert.equal(url, 'https://api.example/x');
      const headers = new Headers(given.headers);
      assert.deepEqual([given.method ?? 'GET', given.priority, headers.get('x-a'), headers.get('authorization')],
        [init.method ?? 'GET', init.priority, '1', 'Bearer token']);
    }
  }
  const { send } = stage({ fetch: underneath });
  await send(new Request('https://api.example/y', { method: 'DELETE', redirect: 'error' }));
  assert.deepEqual([calls.at(-1)[0], calls.at(-1)[1].method, calls.at(-1)[1].redirect], ['https://api.example/y', 'DELETE', 'error']);
});

test('with a fetch of its own, too, the URL inside a Request is the one that is sent', async () => {
  class Liar extends Request {
    get url() { return 'https://evil.example/'; }
  }
  const { underneath, calls } = otherLibrary();
  for (const hooks of [{}, { onRequest: () => new Liar('https://api.example/x') }]) {
    await stage({ hooks, fetch: underneath }).send(new Liar('https://api.example/x'));
    assert.equal(calls.at(-1)[0], 'https://api.example/x');
  }
});

test('in a page, a body that is no stream is sent with its Request', async () => {
  let sent;
  await inPage({ document: { baseURI: 'https://app.example/' } }, async () => {
    const { send } = stage({ fetch: async (...args) => { sent = args; return Response.json(1); } });
    const form = new FormData();
    await send('/x', { method: 'POST', body: form });
    assert.ok(sent[0] instanceof Request);
    await send(new Request('https://api.example/x'));
    assert.equal(sent[0], 'https://api.example/x');
  });
});

test('the hook is told which token the attempt will carry', async () => {
  for (const [options, init, token, expected] of [
    [{}, {}, 'a', 'a'], [{}, {}, null, null], [{}, {}, 'a\nb', null], [{}, { auth: false }, 'a', null],
    [{}, { headers: { Authorization: 'x' } }, 'a', null], [{ session: 'cookie' }, {}, 'mark', null],
  ]) {
    const told = [];
    const hooks = { onRequest: (request, attempt) => { told.push([request instanceof Request, attempt]); } };
    await stage({ ...options, hooks, fetch: async () => Response.json(1) }).send('/x', init, token);
    assert.deepEqual(told, [[true, { accessToken: expected }]]);
  }
});
