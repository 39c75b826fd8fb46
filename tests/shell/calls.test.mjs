// The shape of axios over any fetch (rule 1.3), as far as Node can tell; tests/browser/axios.js has the rest.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { callsOver } from '../../src/shell/calls.js';
import { HttpError } from '../../src/shell/errors.js';

/** Calls over a fetch that notes what it is given. */
function stage(response = () => Response.json({ a: 1 }), defaults = undefined) {
  const sent = [];
  const calls = callsOver(async (...args) => { sent.push(args); return response(); }, defaults);
  return { calls, sent };
}

const ACCEPT = 'application/json, text/plain, */*';

test('a URL alone is what fetch is called with, and what is asked for', async () => {
  const { calls, sent } = stage();
  const { data, status, headers, response, ...more } = await calls.get('/x');
  assert.deepEqual([data, status, headers instanceof Headers, response instanceof Response, more], [{ a: 1 }, 200, true, true, {}]);
  assert.deepEqual(sent, [['/x', { headers: { Accept: ACCEPT } }]]);
});

test('each call asks for JSON, unless the caller or the options ask for something else', async () => {
  const ask = (calls) => [
    () => calls.get('/x'), () => calls.get('/x', {}), () => calls.delete('/x'), () => calls.post('/x', { a: 1 }), () => calls.put('/x'),
    () => calls.request({ url: '/x' }), () => calls.get(new URL('https://api.example/x')), () => calls.get('/x', { headers: { 'X-A': '1' } }),
  ];
  const acceptOf = ([, init]) => new Headers(init?.headers).get('accept');
  const { calls, sent } = stage();
  for (const call of ask(calls)) await call();
  assert.deepEqual(sent.map(acceptOf), Array(8).fill(ACCEPT));
  await calls.get('/x', { headers: { accept: 'text/csv' } });
  await calls.get(new Request('https://api.example/x', { headers: { accept: 'text/css', 'X-A': '1' } }));
  assert.deepEqual(sent.slice(8).map(acceptOf), ['text/csv', 'text/css']);
  assert.equal(sent[9][1].headers.get('x-a'), '1', 'a Request keeps its headers');
  const other = stage(undefined, new Headers({ Accept: 'application/hal+json' }));
  for (const call of ask(other.calls)) await call();
  assert.deepEqual(other.sent.map(acceptOf), Array(8).fill(null));
});

test('what belongs to the call is not for fetch', async () => {
  const { calls, sent } = stage();
  const init = Object.freeze({ params: { q: 1 }, responseType: 'json', cache: 'no-store' });
  await calls.delete('/x#y', init);
  await calls.request(Object.freeze({ url: '/x', method: 'put', data: [1], headers: { 'X-A': '1' } }));
  const [first, { headers: asked, ...rest }] = sent[0];
  assert.deepEqual([first, [...asked], rest], ['/x?q=1', [['accept', ACCEPT]], { cache: 'no-store', method: 'DELETE' }]);
  const [url, { method, body, headers, ...more }] = sent[1];
  assert.deepEqual([url, method, body, [...headers], more],
    ['/x', 'PUT', '[1]', [['accept', ACCEPT], ['content-type', 'application/json'], ['x-a', '1']], {}]);
});

test('delete sends its data, as axios does', async () => {
  const { calls, sent } = stage();
  await calls.delete('/x', { data: { ids: [1, 2] } });
  const [url, { method, body, headers, data }] = sent[0];
  assert.deepEqual([url, method, body, headers.get('content-type'), data], ['/x', 'DELETE', '{"ids":[1,2]}', 'application/json', undefined]);
  await calls.delete('/x', { data: null });
  assert.equal(sent[1][1].body, undefined);
});

test('a setting that nobody knows is named, with the one that is near', async () => {
  const { calls, sent } = stage();
  for (const [act, text] of [
    [() => calls.get('/x', { parms: {} }), 'get: unknown setting `parms`; did you mean `params`?'],
    [() => calls.get('/x', { validateStatus() {} }), 'get: unknown setting `validateStatus`.'],
    [() => calls.post('/x', {}, { Timeout: 1 }), 'post: unknown setting `Timeout`; did you mean `timeout`?'],
    [() => calls.delete('/x', { withCredentials: true }), 'delete: unknown setting `withCredentials`; did you mean `credentials`?'],
    [() => calls.request({ url: '/x', body_: 1 }), 'request: unknown setting `body_`; did you mean `body`?'],
    [() => calls.request({ uri: '/x' }), 'request: unknown setting `uri`; did you mean `url`?'],
  ]) await assert.rejects(act, new TypeError(text));
  assert.equal(sent.length, 0);
  for (const known of ['dispatcher', 'next', 'cf', 'window', 'agent']) await calls.get('/x', { [known]: null });
});

test('settings are read as fetch reads them: inherited and hidden ones too, each once', async () => {
  const { calls, sent } = stage();
  let reads = 0;
  class Settings {
    get auth() { reads += 1; return false; }
    get params() { return { q: 1 }; }
  }
  await calls.get('/x', new Settings());
  await calls.get('/x', Object.create({ auth: false, replay: false, timeout: 5 }));
  assert.deepEqual(sent.map(([url, { auth, replay, timeout }]) => [url, auth, replay, timeout]),
    [['/x?q=1', false, undefined, undefined], ['/x', false, false, 5]]);
  assert.equal(reads, 1);
});

test('a Request is sent as one, also with parameters', async () => {
  const { calls, sent } = stage();
  await calls.get(new Request('https://api.example/x?a=1', { cache: 'no-store' }), { params: { q: 1 } });
  const [[input]] = sent;
  assert.deepEqual([input.url, input.cache], ['https://api.example/x?a=1&q=1', 'no-store']);
  const failed = stage(() => new Response(null, { status: 404 })).calls;
  await assert.rejects(failed.get(new Request('https://api.example/x?secret')), { message: 'GET https://api.example/x answered 404.' });
});

test('the calls have their names', () => {
  const { calls } = stage();
  assert.deepEqual(Object.values(calls).map(({ name }) => name), Object.keys(calls));
  assert.deepEqual(Object.keys(calls), ['request', 'get', 'delete', 'head', 'options', 'post', 'put', 'patch']);
});

test('wrong arguments are rejections, in words that show no query', async () => {
  const { calls, sent } = stage();
  const circular = {};
  circular.self = circular;
  const multipart = { headers: { 'Content-Type': 'multipart/form-data' } };
  for (const [act, text] of [
    [() => calls.get('/x', 7), 'The settings of a call must be an object.'],
    [() => calls.request(), 'request: `url` is missing.'],
    [() => calls.request(() => {}), 'The settings of a call must be an object.'],
    [() => calls.get('/x?secret', { responseType: 'document' }),
      "GET /x needs a `responseType` out of 'json', 'text', 'blob', 'arraybuffer' and 'stream', or none."],
    [() => calls.post('/x?secret', {}, multipart),
      'POST /x needs a FormData as its body, since its Content-Type is multipart.'],
    [() => calls.get('/x', { params: circular }),
      'The parameters of a call are nested too deeply, or an object holds itself.'],
  ]) await assert.rejects(act, new TypeError(text));
  assert.equal(sent.length, 0);
});

test('errors say method, path and status', async () => {
  const failed = stage(() => Response.json({ error: 'none' }, { status: 404 })).calls;
  await assert.rejects(failed.post('/x?secret#y', { a: 1 }), (error) => {
    assert.ok(error instanceof HttpError && HttpError.name === 'HttpError');
    assert.deepEqual([error.message, error.status, error.data, 'cause' in error], ['POST /x answered 404.', 404, { error: 'none' }, false]);
    return true;
  });
  const broken = stage(() => new Response('<html>', { headers: { 'Content-Type': 'application/json' } })).calls;
  await assert.rejects(broken.get('/x'), (error) => {
    assert.equal(error.message, 'GET /x answered with a body that is not the JSON that it should be.');
    assert.deepEqual([error.status, error.data, error.cause instanceof SyntaxError], [200, '<html>', true]);
    return true;
  });
});

test('an abort while the body is read has its own reason', async () => {
  const controller = new AbortController();
  const body = () => new ReadableStream({ start: (stream) => { controller.signal.onabort = () => stream.error(new Error('other')); } });
  const { calls } = stage(() => new Response(body()));
  const answer = calls.get('/x', { signal: controller.signal });
  setTimeout(() => controller.abort('left'), 5);
  assert.equal(await answer.catch((reason) => reason), 'left');
});
