// The ways to call `fetch`, as tables. Each case calls `send` as `fetch` is called, and is run twice: with the platform's
// and with ours. It runs in browsers and in Node, so it names nothing that only one of them has.

/**
 * A case: makes the arguments anew for each run. What it returns besides is looked at when the call has settled.
 *
 * @typedef {(at: { open: string, api: string, signed: (init?: object) => object }) => unknown[]} Case
 */

const named = (entries, make) => Object.fromEntries(entries.map((entry) => [String(entry[0]), (at) => make(at, ...entry)]));

const detached = (make) => {
  const body = make();
  const buffer = body.buffer ?? body;
  structuredClone(buffer, { transfer: [buffer] });
  return body;
};

const bytes = () => Uint8Array.from([0, 1, 128, 255, 10, 13]);
const form = (fill) => { const made = new FormData(); fill?.(made); return made; };
const stream = (text = 'streamed') => new Response(text).body;
const locked = () => { const body = stream(); body.getReader(); return body; };

export const urls = {
  'a string': ({ open }) => [open],
  'with a query': ({ open }) => [`${open}?a=1&b=%20&c`],
  'with a fragment': ({ open }) => [`${open}?a#part`],
  'with spaces around': ({ open }) => [`  ${open}\n`],
  'with spaces within': ({ open }) => [`${open}?a b`],
  'beyond ASCII': ({ open }) => [`${open}?ü=你好`],
  'with dots': ({ open }) => [open.replace('/test/', '/other/../test/./')],
  'with a large scheme': ({ open }) => [open.replace('http', 'HTTP')],
  'with a backslash': ({ open }) => [open.replace('/test/', '\\test\\')],
  'a URL': ({ open }) => [new URL(open)],
  'what has a string': ({ open }) => [{ toString: () => open }],
  'a String': ({ open }) => [new String(open)],
  'an array of one': ({ open }) => [[open]],
  'a Request': ({ open }) => [new Request(open)],
  'data:': () => ['data:text/plain;charset=utf-8,of%20data'],
  'another path that is not there': ({ api }) => [`${api}/nowhere`],
};

export const wrongUrls = {
  'none': () => [],
  'without a host': () => ['http://'],
  'with an unknown host': () => ['http://[nobody'],
  'with a password': ({ open }) => [open.replace('//', '//ada:secret@')],
  'with a port that is blocked': () => ['http://127.0.0.1:1/'],
  'with an unknown scheme': () => ['nothing://x'],
  'a symbol': () => [Symbol('url')],
  'an object without a string': () => [Object.create(null)],
  'a revoked proxy': () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy]; },
  'what throws': () => [{ toString() { throw new RangeError('own'); } }],
};

export const methods = named(
  ['get', 'GET', 'Post', 'put', 'PATCH', 'patch', 'delete', 'HEAD', 'options', ''].map((method) => [method || 'empty', method]),
  ({ open }, _name, method) => [open, { method }],
);

export const wrongMethods = named(
  [['with a space', 'BAD METHOD'], ['forbidden', 'CONNECT'], ['TRACE', 'trace'], ['a symbol', Symbol('GET')], ['beyond ASCII', 'GÉT'],
    ['what throws', { toString() { throw new RangeError('own'); } }]],
  ({ open }, _name, method) => [open, { method }],
);

export const bodies = Object.fromEntries(Object.entries({
  'undefined': () => undefined,
  'null': () => null,
  'an empty string': () => '',
  'a string': () => 'text',
  'beyond ASCII': () => 'Zoë, 你好, 🚀, \u0000, \ud800, \r\n',
  'a String': () => new String('text'),
  'a number': () => 7,
  'a bigint': () => 7n,
  'a boolean': () => false,
  'an object': () => ({ a: 1 }),
  'an array': () => [1, 2],
  'a date': () => new Date(0),
  'a function': () => Math.max,
  'what has a string': () => ({ toString: () => 'own' }),
  'URLSearchParams': () => new URLSearchParams({ q: 'a b&c', ü: '€' }),
  'no parameters': () => new URLSearchParams(),
  'a Blob': () => new Blob([bytes()], { type: 'image/png' }),
  'a Blob without a type': () => new Blob(['text']),
  'an empty Blob': () => new Blob([]),
  'a File': () => new File(['text'], 'a.txt', { type: 'text/plain' }),
  'a buffer': () => bytes().buffer,
  'an empty buffer': () => new ArrayBuffer(0),
  'bytes': () => bytes(),
  'a part of bytes': () => bytes().subarray(1, 4),
  'a DataView': () => new DataView(bytes().buffer, 2),
  'floats': () => new Float64Array([Math.PI]),
  'a buffer that was transferred': () => detached(() => bytes().buffer),
  'bytes that were transferred': () => detached(bytes),
  'a DataView that was transferred': () => detached(() => new DataView(bytes().buffer)),
  'a buffer that can grow': () => new ArrayBuffer(4, { maxByteLength: 8 }),
  'bytes that can grow': () => new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 })),
  'an empty form': () => form(),
  'a form': () => form((made) => { made.append('a', '1'); made.append('b', new Blob(['x']), 'b.txt'); }),
}).map(([name, make]) => [name, ({ open }) => [open, { method: 'POST', body: make() }]]));

export const wrongBodies = {
  'with GET': ({ open }) => [open, { body: 'x' }],
  'an empty one with GET': ({ open }) => [open, { body: '' }],
  'with HEAD': ({ open }) => [open, { method: 'HEAD', body: new Blob(['x']) }],
  'a symbol': ({ open }) => [open, { method: 'POST', body: Symbol('x') }],
  'an object without a string': ({ open }) => [open, { method: 'POST', body: Object.create(null) }],
  'a stream without duplex': ({ open }) => [open, { method: 'POST', body: stream() }],
  'a locked stream': ({ open }) => [open, { method: 'POST', body: locked(), duplex: 'half' }],
  'a stream with keepalive': ({ open }) => [open, { method: 'POST', body: stream(), duplex: 'half', keepalive: true }],
  'a wrong duplex': ({ open }) => [open, { method: 'POST', body: stream(), duplex: 'full' }],
  'what throws': ({ open }) => [open, { method: 'POST', body: { toString() { throw new RangeError('own'); } } }],
};

export const headers = named([
  ['undefined', () => undefined], ['an object', () => ({ 'X-Aa': '1', 'x-b': '2' })], ['Headers', () => new Headers({ 'X-Aa': '1' })],
  ['pairs', () => [['X-Aa', '1'], ['X-Aa', '2']]], ['a Map', () => new Map([['X-Aa', '1']])], ['none', () => ({})], ['no pairs', () => []],
  ['a generator', () => (function* pairs() { yield ['X-Aa', '1']; }())], ['null as a value', () => ({ 'X-Aa': null })],
  ['a number as a value', () => ({ 'X-Aa': 1 })], ['an empty value', () => ({ 'X-Aa': '' })], ['a value with spaces', () => ({ 'X-Aa': '  a b\t' })],
  ['Latin-1', () => ({ 'X-Aa': 'é' })], ['an inherited one', () => Object.create({ 'X-Aa': '1' })],
  ['a hidden one', () => Object.defineProperty({}, 'X-Aa', { value: '1' })], ['without a prototype', () => Object.assign(Object.create(null), { 'X-Aa': '1' })],
  ['a Content-Type', () => ({ 'Content-Type': 'application/vnd.api+json' })], ['Accept', () => ({ accept: 'text/css' })],
  ['forbidden ones', () => ({ 'Sec-Fetch-Mode': 'x', Trailer: 'x', Expect: '' })], ['a proxy', () => new Proxy({ 'X-Aa': '1' }, {})],
], ({ open }, _name, make) => [open, { method: 'POST', body: 'x', headers: make() }]);

export const wrongHeaders = named([
  ['null', null], ['a string', 'X-Aa: 1'], ['a number', 7], ['a name with a space', { 'bad name': 'x' }], ['an empty name', { '': 'x' }],
  ['a line break in a value', { 'X-Aa': 'a\nb' }], ['a value beyond Latin-1', { 'X-Aa': '☃' }], ['a symbol as a value', { 'X-Aa': Symbol('x') }],
  ['pairs of three', [['a', 'b', 'c']]], ['what throws', { get 'X-Aa'() { throw new RangeError('own'); } }],
], ({ open }, _name, value) => [open, { headers: value }]);

class Settings {
  get method() { return 'PUT'; }
  get body() { return 'of a class'; }
  get headers() { return { 'X-Aa': '1' }; }
}

export const inits = named([
  ['undefined', () => undefined], ['null', () => null], ['an empty one', () => ({})], ['an array', () => []], ['a function', () => () => {}],
  ['a Map', () => new Map([['method', 'PUT']])], ['of a class', () => new Settings()], ['inherited', () => Object.create({ method: 'DELETE' })],
  ['without a prototype', () => Object.assign(Object.create(null), { method: 'PUT' })],
  ['hidden', () => Object.defineProperty({}, 'method', { value: 'PUT' })], ['frozen', () => Object.freeze({ method: 'PUT', headers: Object.freeze({ 'X-Aa': '1' }) })],
  ['a proxy', () => new Proxy({ method: 'PUT', body: 'x' }, {})], ['with undefined members', () => ({ method: undefined, body: undefined, signal: undefined, mode: undefined })],
  ['with more', () => ({ method: 'PUT', validateStatus: 1, [Symbol('x')]: 2, get more() { throw new RangeError('own'); } })],
  ['a Request', () => new Request('http://127.0.0.1/', { method: 'DELETE', headers: { 'X-Aa': '1' } })],
], ({ open }, _name, make) => [open, make()]);

export const wrongInits = named([
  ['a number', () => 7], ['a string', () => 'GET'], ['true', () => true], ['a symbol', () => Symbol('x')], ['a bigint', () => 7n],
  ['a revoked proxy', () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }],
  ['a getter that throws', () => ({ get method() { throw new RangeError('own'); } })],
  ['a proxy that throws', () => new Proxy({}, { get() { throw new RangeError('own'); } })],
], ({ open }, _name, make) => [open, make()]);

const values = (table) => Object.entries(table).flatMap(([member, list]) => list.map((value) => [`${member}: ${String(value)}`, member, value]));

export const members = named(values({
  mode: ['cors', 'same-origin'],
  credentials: ['omit', 'same-origin', 'include'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache'],
  redirect: ['follow', 'manual', 'error'],
  referrer: ['', 'about:client'],
  referrerPolicy: ['', 'no-referrer', 'origin', 'unsafe-url', 'strict-origin-when-cross-origin'],
  priority: ['high', 'low', 'auto'],
  integrity: ['', 'unknown-x', 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
  keepalive: [true, false, 'yes', 0],
  duplex: ['half'],
  window: [null],
  signal: [null],
}), ({ open }, _name, member, value) => [open, { [member]: value }]);

export const wrongMembers = named(values({
  mode: ['nonsense', 'navigate', ''],
  credentials: ['nonsense', ''],
  cache: ['nonsense', 'only-if-cached'],
  redirect: ['nonsense'],
  referrer: ['http://['],
  referrerPolicy: ['nonsense'],
  priority: ['nonsense'],
  window: [7],
  signal: ['x', 7, true],
}), ({ open }, _name, member, value) => [open, { [member]: value }]);

const override = (init, more) => ({ open }) => [new Request(open, init), more];

export const requests = {
  'alone': override({ method: 'PUT', body: 'text', headers: { 'X-Aa': '1' } }),
  'with undefined': override({ method: 'PUT', body: 'text' }, undefined),
  'with an empty init': override({ method: 'PUT', body: 'text' }, {}),
  'with another method': override({ method: 'PUT', body: 'text' }, { method: 'PATCH' }),
  'with another body': override({ method: 'POST', body: 'old' }, { body: 'new' }),
  'with other headers': override({ headers: { 'X-Aa': '1' } }, { headers: { 'X-B': '2' } }),
  'with no headers': override({ headers: { 'X-Aa': '1' } }, { headers: {} }),
  'with a blob': override({ method: 'POST', body: new Blob(['blob'], { type: 'text/css' }) }),
  'with a form': ({ open }) => [new Request(open, { method: 'POST', body: form((made) => made.append('a', '1')) })],
  'with a referrer policy': override({ referrerPolicy: 'no-referrer' }),
  'of a class': ({ open }) => [new (class extends Request {})(open, { method: 'DELETE' })],
  'a clone': ({ open }) => [new Request(open, { method: 'POST', body: 'x' }).clone()],
  'its cache mode': override({ cache: 'no-store' }),
  'spent': ({ open }) => { const request = new Request(open, { method: 'POST', body: 'x' }); request.text(); return [request]; },
  'spent, with a new body': ({ open }) => { const request = new Request(open, { method: 'POST', body: 'x' }); request.text(); return [request, { body: 'new' }]; },
  'without a body, as GET with one': override({}, { body: 'x' }),
  'with a wrong init': override({}, { mode: 'nonsense' }),
};

const leave = (reason, ms) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
};

/** Reasons by name; undefined gives an AbortError. */
const reasons = [['an error', new RangeError('own')], ['a string', 'left'], ['0', 0], ['null', null], ['false', false], ['undefined', undefined]];

export const aborts = {
  ...named(reasons, ({ open }, _name, reason) => [open, { signal: AbortSignal.abort(reason) }]),
  ...named(reasons.map(([name, reason]) => [`${name}, in a Request`, reason]), ({ open }, _name, reason) => (
    [new Request(open, { signal: AbortSignal.abort(reason) })])),
  ...named(reasons.map(([name, reason]) => [`${name}, before the answer`, reason]), ({ api, signed }, _name, reason) => (
    [`${api}/test/slow?ms=2000`, signed({ signal: leave(reason, 20) })])),
  'by a time': ({ api, signed }) => [`${api}/test/slow?ms=2000`, signed({ signal: AbortSignal.timeout(20) })],
  'while the body arrives': ({ api, signed }) => [`${api}/test/stream?chunks=50&ms=50`, signed({ signal: leave(undefined, 300) })],
  'with a form': ({ open }) => [open, { method: 'POST', body: form(), signal: AbortSignal.abort('left') }],
};

/** Thirteen wrong arguments, which come before a signal that is aborted already. */
export const wrongBeforeAborted = Object.fromEntries(Object.entries({
  'the method': { method: 'BAD METHOD' },
  'a forbidden method': { method: 'TRACE' },
  'a body with GET': { body: 'x' },
  'a header name': { headers: { 'bad name': 'x' } },
  'a header value': { headers: { 'X-Aa': '\n1\n2' } },
  'the headers': { headers: 'X-Aa: 1' },
  'the mode': { mode: 'nonsense' },
  'the credentials': { credentials: 'nonsense' },
  'the cache mode': { cache: 'nonsense' },
  'the redirect mode': { redirect: 'nonsense' },
  'the referrer': { referrer: 'http://[' },
  'the referrer policy': { referrerPolicy: 'nonsense' },
  'the window': { window: {} },
}).map(([name, init]) => [name, ({ open }) => [open, { ...init, signal: AbortSignal.abort(new RangeError('left')) }]]));

const landing = '/api/test/open';

export const redirects = {
  ...named([301, 302, 303, 307, 308].map((status) => [status]), ({ api, signed }, status) => (
    [`${api}/test/redirect?to=${landing}&status=${status}`, signed()])),
  ...named(['manual', 'error'].map((redirect) => [redirect]), ({ api, signed }, redirect) => (
    [`${api}/test/redirect?to=${landing}`, signed({ redirect })])),
  'with a fragment': ({ api, signed }) => [`${api}/test/redirect?to=${landing}%23there#here`, signed()],
  'to nowhere': ({ api, signed }) => [`${api}/test/redirect?to=/api/nowhere`, signed()],
  'in a circle': ({ api, signed }) => [`${api}/test/redirect?to=${encodeURIComponent('/api/test/redirect?to=/api/test/open')}`, signed()],
};

export const answers = {
  ...named([200, 201, 204, 205, 304, 400, 403, 404, 409, 418, 429, 500, 503].map((status) => [status]), ({ open }, status) => [`${open}?status=${status}`]),
  'without a type': ({ api, signed }) => [`${api}/test/content?body=x`, signed()],
  'of a type': ({ api, signed }) => [`${api}/test/content?type=text/css&body=x&status=203`, signed()],
  'empty': ({ api, signed }) => [`${api}/test/content?type=text/plain`, signed()],
  'in pieces': ({ api, signed }) => [`${api}/test/stream?chunks=3&ms=5`, signed()],
  'slow': ({ api, signed }) => [`${api}/test/slow?ms=30`, signed()],
};
