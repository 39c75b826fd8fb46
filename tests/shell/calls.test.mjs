// The shape of axios over any fetch (rule 1.3), as far as Node can tell; tests/browser/axios.js has the rest.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { callsOver } from '../../src/shell/calls.js';
import { HttpError } from '../../src/shell/errors.js';

/** Calls over a fetch that notes what it is given. */
function stage(response = () => Response.json({ a: 1 })) {
  const sent = [];
  const calls = callsOver(async (...args) => { sent.push(args); return response(); });
  return { calls, sent };
}

test('a URL alone is what fetch is called with', async () => {
  const { calls, sent } = stage();
  const { data, status, headers, response, ...more } = await calls.get('/x');
  assert.deepEqual([data, status, headers instanceof Headers, response instanceof Response, more], [{ a: 1 }, 200, true, true, {}]);
  assert.deepEqual(sent, [['/x']]);
});

test('what belongs to the call is not for fetch', async () => {
  const { calls, sent } = stage();
  const init = Object.freeze({ params: { q: 1 }, responseType: 'json', cache: 'no-store' });
  await calls.delete('/x#y', init);
  await calls.request(Object.freeze({ url: '/x', method: 'put', data: [1], headers: { 'X-A': '1' } }));
  assert.deepEqual(sent[0], ['/x?q=1', { cache: 'no-store', method: 'DELETE' }]);
  const [url, { method, body, headers, ...more }] = sent[1];
  assert.deepEqual([url, method, body, [...headers], more], ['/x', 'PUT', '[1]', [['content-type', 'application/json'], ['x-a', '1']], {}]);
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
