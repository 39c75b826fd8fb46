// Whatever is wrong with the arguments, the outcome is that of the platform's fetch (rule 2.9).

import { check, equal, same } from './expect.js';

const shape = ({ status, value, reason }) => (
  status === 'fulfilled' ? `Response ${value.status}` : `${reason?.name} (${reason?.constructor?.name})`
);

/** Calls `fetch`, which may not throw. */
async function outcome(fetch, args) {
  let promise;
  try {
    promise = fetch(...args());
  } catch (error) {
    throw new Error(`it threw ${error} instead of returning a promise`);
  }
  check(promise instanceof Promise, 'a native promise');
  return (await Promise.allSettled([promise]))[0];
}

/** Sends a clone, as ours does where a hook wants to see the request, or where a body may have to be sent again. */
const sendClone = async (...args) => fetch(new Request(...args).clone());

const spent = (url) => {
  const request = new Request(url, { method: 'POST', body: 'x' });
  request.text();
  return request;
};

const locked = () => {
  const { body } = new Response('x');
  body.getReader();
  return body;
};

const wrongArguments = (url) => ({
  'an invalid URL': () => ['http://[nobody'],
  'a URL with a password': () => [url.replace('//', '//ada:secret@')],
  'a port that is blocked': () => ['http://127.0.0.1:1/'],
  'an unknown scheme': () => ['nothing://x'],
  'undefined': () => [undefined],
  'null': () => [null],
  'a symbol': () => [Symbol('url')],
  'an object without a string': () => [Object.create(null)],
  'GET with a body': () => [url, { body: 'x' }],
  'HEAD with a body': () => [url, { method: 'HEAD', body: new Blob(['x']) }],
  'GET with an empty body': () => [url, { method: 'get', body: '' }],
  'an unknown mode': () => [url, { mode: 'nonsense' }],
  'the mode navigate': () => [url, { mode: 'navigate' }],
  'an unknown credentials mode': () => [url, { credentials: 'nonsense' }],
  'an unknown cache mode': () => [url, { cache: 'nonsense' }],
  'only-if-cached with cors': () => [url, { cache: 'only-if-cached' }],
  'an unknown redirect mode': () => [url, { redirect: 'nonsense' }],
  'an unknown referrer policy': () => [url, { referrerPolicy: 'nonsense' }],
  'a foreign referrer': () => [url, { referrer: 'http://[' }],
  'an unknown priority': () => [url, { priority: 'nonsense' }],
  'an integrity that fails': () => [url, { integrity: 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' }],
  'a window': () => [url, { window: {} }],
  'a method with a space': () => [url, { method: 'BAD METHOD' }],
  'an empty method': () => [url, { method: '' }],
  'a forbidden method': () => [url, { method: 'CONNECT' }],
  'a symbol as the method': () => [url, { method: Symbol('GET') }],
  'the method null': () => [url, { method: null }],
  'a header name with a space': () => [url, { headers: { 'bad name': 'x' } }],
  'an empty header name': () => [url, { headers: { '': 'x' } }],
  'a header value with a line break': () => [url, { headers: { 'X-A': 'a\nb' } }],
  'a header value beyond Latin-1': () => [url, { headers: { 'X-A': '☃' } }],
  'headers that are a string': () => [url, { headers: 'X-A: 1' }],
  'headers that are a number': () => [url, { headers: 7 }],
  'headers that are null': () => [url, { headers: null }],
  'pairs of three': () => [url, { headers: [['a', 'b', 'c']] }],
  'a signal that is a string': () => [url, { signal: 'x' }],
  'a signal that is an object': () => [url, { signal: {} }],
  'a signal that is null': () => [url, { signal: null }],
  'an init that is a number': () => [url, 7],
  'an init that is a string': () => [url, 'GET'],
  'an init that is null': () => [url, null],
  'an init that is a function': () => [url, () => {}],
  'an init that is an array': () => [url, []],
  'a stream without duplex': () => [url, { method: 'POST', body: new Response('x').body }],
  'a locked stream': () => [url, { method: 'POST', body: locked(), duplex: 'half' }],
  'a spent Request': () => [spent(url)],
  'a spent Request with a new body': () => [spent(url), { body: 'new' }],
  'too much for keepalive': () => [url, { method: 'POST', keepalive: true, body: 'x'.repeat(70_000) }],
  'a body that is a symbol': () => [url, { method: 'POST', body: Symbol('x') }],
  'a body that is a number': () => [url, { method: 'POST', body: 7 }],
  'a body that is an object': () => [url, { method: 'POST', body: {} }],
  'a keepalive that is a string': () => [url, { keepalive: 'yes' }],
});

export async function wrong_arguments_end_as_they_end_with_fetch({ signIn, createApi, server }) {
  const { api, keys } = await signIn();
  const apis = { 'with a baseURL': api, 'with hooks': createApi({ ...keys, allowedOrigins: [server], hooks: { onRequest() {} } }),
    'without options': createApi({ ...keys, allowedOrigins: [server] }) };
  const ways = { ...Object.fromEntries(Object.entries(apis).map(([name, one]) => [name, one.fetch])) };
  const different = [];
  for (const [what, args] of Object.entries(wrongArguments(`${server}/api/test/open`))) {
    const [native, clone] = [shape(await outcome(fetch, args)), shape(await outcome(sendClone, args))];
    for (const [way, own] of Object.entries(ways)) {
      // With a baseURL, these are relative URLs.
      if (way === 'with a baseURL' && ['undefined', 'null'].includes(what)) continue;
      const came = shape(await outcome(own, args));
      // Engines take more from a clone than from arguments: Firefox any body for a keepalive, WebKit a stream.
      if (came !== native && came !== clone) different.push(`${what}, ${way}: ${came}, but fetch: ${native}`);
      equal((await own(`${server}/api/test/echo`)).status, 200, `the call after ${what}`);
    }
  }
  equal(different, [], 'differences');
}

export async function what_getters_throw_keeps_its_identity({ signIn, server }) {
  const { api } = await signIn();
  const url = `${server}/api/test/open`;
  const error = new Error('own');
  const fail = () => { throw error; };
  for (const args of [
    () => [{ toString: fail }],
    () => [url, { get method() { return fail(); } }],
    () => [url, { get headers() { return fail(); } }],
    () => [url, { get body() { return fail(); } }],
    () => [url, { get signal() { return fail(); } }],
    () => [url, { method: { toString: fail } }],
    () => [url, { headers: { get 'X-A'() { return fail(); } } }],
    () => [url, { headers: new Proxy({}, { ownKeys: fail }) }],
    () => [url, { method: 'POST', body: { toString: fail } }],
  ]) {
    same((await outcome(fetch, args)).reason, error, 'what fetch rejects with');
    same((await outcome(api.fetch, args)).reason, error, 'what ours rejects with');
  }
  equal((await api.fetch('/test/echo')).status, 200, 'the next call');
}

export async function an_init_may_be_a_proxy({ signIn }) {
  const { api, attempts } = await signIn();
  const init = new Proxy({ method: 'PUT', body: 'text', headers: new Proxy({ 'X-A': '1' }, {}) }, {});
  equal((await api.fetch('/test/echo', init)).status, 200, 'the status');
  const [{ method, length, headers }] = await attempts();
  equal([method, length, headers['x-a']], ['PUT', 4, '1'], 'what arrived');
}

export async function wrong_arguments_of_calls_are_rejections_too({ signIn }) {
  const { api } = await signIn();
  const circular = {};
  circular.self = circular;
  const getter = { get a() { throw new TypeError('own'); } };
  for (const call of [
    () => api.get(Symbol('url')),
    () => api.get('/test/echo', 7),
    () => api.get('/test/echo', getter),
    () => api.get('/test/echo', { params: getter }),
    () => api.get('/test/echo', { params: { deep: getter } }),
    () => api.get('/test/echo', { params: { when: new Date(Number.NaN) } }),
    () => api.get('/test/echo', { params: circular }),
    () => api.get('/test/echo', { params: { list: [Object.create(null, { toString: { value: 7 } }), Symbol('x')] }, timeout: -1 }),
    () => api.post('/test/echo', circular),
    () => api.post('/test/echo', { a: 1n }),
    () => api.post('/test/echo', {}, { headers: { 'bad name': 'x' } }),
    () => api.request(),
    () => api.request({}),
    () => api.request(getter),
    () => api.request({ url: '/test/echo', method: 'BAD METHOD' }),
    () => api.signIn(),
    () => api.signIn({}),
    () => api.signIn({ accessToken: 7 }),
    () => api.signIn({ get accessToken() { throw new TypeError('own'); } }),
  ]) {
    const { status, reason } = await outcome(call, () => []);
    check(status === 'rejected' && reason instanceof Error, `${call}: ${reason}`);
  }
  equal((await api.get('/test/echo')).status, 200, 'the next call');
}

export async function what_throws_is_that_calls_own_however_often({ signIn, createApi }) {
  const { api, create, keys } = await signIn();
  const stubbed = create({ fetch: async (input, init) => { new Request(input, init); return Response.json(1); } });
  const transferred = () => {
    const { buffer } = Uint8Array.of(1, 2, 3);
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  };
  const failing = { get headers() { throw new Error('own'); } };
  const expected = shape(await outcome(async (...args) => { new Request(...args); return Response.json(1); }, () => ['/', { method: 'POST', body: transferred() }]));
  for (let n = 0; n < 600; n += 1) {
    equal(shape(await outcome(stubbed.fetch, () => ['/test/echo', { method: 'POST', body: transferred() }])), expected, `post ${n}`);
    equal(shape(await outcome(stubbed.fetch, () => ['/test/echo', failing])), 'Error (Error)', `getter ${n}`);
  }
  equal((await api.fetch('/test/echo')).status, 200, 'another client');
  equal((await create().fetch('/test/echo')).status, 200, 'a new client');
  equal(typeof await createApi(keys).getAccessToken(), 'string', 'and another one');
}
