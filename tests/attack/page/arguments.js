// Arguments of `fetch`: whatever they are, ours resolves and rejects as the platform's does.

import fc from 'fast-check';

import { createApi } from '/tokenflight/index.js';
import { compare } from '../../conformance/compare.js';
import { checkUnhandled, freshToken } from './kit.js';

const throws = () => { throw new RangeError('own'); };
const hostile = () => new Proxy({}, { get: throws, has: throws, getPrototypeOf: throws, ownKeys: throws });
const revoked = () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; };
const transferred = (view) => { const { buffer } = view; structuredClone(buffer, { transfer: [buffer] }); return view; };
const stream = () => new Response('streamed').body;
const form = () => { const made = new FormData(); made.append('a', 'b'); return made; };
const aborted = () => AbortSignal.abort(new RangeError('own'));

/** Values for any place. Those that look like a `Request` are left out: ours never sends `[object Request]` (rule 2.2). */
const ANYTHING = {
  'undefined': () => undefined, 'null': () => null, 'true': () => true, 'zero': () => 0, 'a BigInt': () => 10n, 'a symbol': () => Symbol('a'),
  'an empty text': () => '', 'a text': () => 'text', 'a lone surrogate': () => '\ud800', 'a NUL': () => '\0', 'an object': () => ({}),
  'an array': () => [], 'a function': () => () => {}, 'what throws': () => ({ toString: throws }), 'a proxy': hostile, 'a revoked proxy': revoked,
  'an object of nothing': () => Object.create(null), 'a date': () => new Date(0),
  'a fake signal': () => Object.create(AbortSignal.prototype), 'a thenable': () => ({ then: throws }),
};

/** Further values for each member. A `no-cors` of ours is another request (rule 2.2), and so is left out. */
const MEMBERS = {
  method: ['GET', 'get', 'POST', 'put', 'PATCH', 'patch', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'connect', 'G T', 'X-y', 'é'].map((one) => () => one),
  headers: [
    () => ({ a: 'b' }), () => [['a', 'b'], ['a', 'c']], () => new Headers({ a: 'b' }), () => ({ 'a b': 'c' }), () => ({ a: 'b\nc' }), () => ({ a: 'é' }),
    () => ({ a: '\u0100' }), () => [['a']], () => [['a', 'b', 'c']], () => new Map([['a', 'b']]), () => ({ get a() { return throws(); } }),
    () => ({ 'Content-Type': 'x/y' }), () => ({ Cookie: 'a=b', Host: 'x', Accept: 'z/z' }), () => new Proxy({ a: 'b' }, {}), () => ({ a: Symbol('b') }),
    () => ({ [Symbol('a')]: 'b' }), () => Object.create({ a: 'b' }),
  ],
  body: [
    () => 'text', () => new URLSearchParams('a=b'), form, () => new Blob(['blob'], { type: 'a/b' }), () => new Uint8Array([1, 2, 3]), () => new ArrayBuffer(9),
    () => new DataView(new ArrayBuffer(8), 2, 3), () => transferred(new Uint8Array(5)), () => transferred(new Uint8Array(5)).buffer, stream,
    () => { const one = stream(); one.getReader(); return one; }, () => new Float64Array(0), () => new ArrayBuffer(4, { maxByteLength: 8 }),
    () => 'x'.repeat(70_000), () => new URLSearchParams(), () => ({ toString: () => 'own' }),
  ],
  mode: ['cors', 'same-origin', 'navigate', 'CORS', 'websocket'].map((one) => () => one),
  credentials: ['omit', 'same-origin', 'include', 'Include'].map((one) => () => one),
  cache: ['default', 'no-store', 'reload', 'no-cache', 'only-if-cached', 'never'].map((one) => () => one),
  redirect: ['follow', 'error', 'manual', 'ask'].map((one) => () => one),
  referrer: ['', 'about:client', '/other', 'http://elsewhere.example/', 'http://['].map((one) => () => one),
  referrerPolicy: ['', 'no-referrer', 'origin', 'unsafe-url', 'same-origin', 'wrong'].map((one) => () => one),
  integrity: ['', 'sha256-AAAA', 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'nonsense'].map((one) => () => one),
  keepalive: [() => true, () => false, () => 'yes'],
  signal: [() => new AbortController().signal, aborted, () => AbortSignal.timeout(60_000), () => ({ aborted: true })],
  duplex: ['half', 'full', 'Half'].map((one) => () => one),
  priority: ['high', 'low', 'auto', 'highest'].map((one) => () => one),
  window: [() => null, () => window],
};

/** How an init can have its members. */
const SHAPES = {
  plain: (members) => members,
  'of nothing': (members) => Object.assign(Object.create(null), members),
  inherited: (members) => Object.create(members),
  'of a class': (members) => {
    const one = new (class Init {})();
    for (const name of Object.keys(members)) Object.defineProperty(Object.getPrototypeOf(one), name, { get: () => members[name] });
    return one;
  },
  frozen: Object.freeze,
  'a proxy': (members) => new Proxy(members, {}),
  'not enumerable': (members) => Object.defineProperties({}, Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, { value }]),
  )),
  'a function': (members) => Object.assign(() => {}, members),
};

const here = (path) => `${location.origin}${path}`;
const INPUTS = {
  'a text': () => here('/echo?a=1#f'), 'a path': () => '/echo', 'a relative path': () => 'echo/../echo', 'a URL': () => new URL(here('/echo')),
  'with a password': () => here('/echo').replace('//', '//a:b@'), 'an object': () => ({ toString: () => '/echo' }), 'a redirect': () => '/redirect/302/%2Fecho',
  'a redirect that keeps': () => '/redirect/307/%2Fecho', 'no host': () => 'http://', 'data:': () => 'data:,x', 'of no scheme': () => 'nothing:x',
  'a Request': () => new Request('/echo'), 'a POST': () => new Request('/echo', { method: 'POST', body: 'b', headers: { b: 'c' } }),
  'a Request of a form': () => new Request('/echo', { method: 'POST', body: form() }),
  'a spent Request': () => { const one = new Request('/echo', { method: 'POST', body: 'b' }); one.text(); return one; },
  'an aborted Request': () => new Request('/echo', { signal: aborted() }),
};

/** Draws a function that makes the same arguments anew each time. */
function drawn() {
  const any = fc.constantFrom(...Object.keys(ANYTHING)).map((name) => ({ name, make: ANYTHING[name] }));
  const of = (table) => fc.constantFrom(...Object.entries(table)).map(([name, make]) => ({ name: String(name), make }));
  const member = fc.constantFrom(...Object.keys(MEMBERS)).chain((name) => (
    fc.oneof({ weight: 3, arbitrary: of(MEMBERS[name]) }, { weight: 1, arbitrary: any }).map((value) => ({ ...value, member: name }))
  ));
  const init = fc.record({ members: fc.array(member, { maxLength: 4 }), shape: fc.constantFrom(...Object.keys(SHAPES)) })
    .map(({ members, shape }) => ({
      name: `${shape} {${members.map((one) => `${one.member}: ${one.name}`).join(', ')}}`,
      make: () => SHAPES[shape](Object.fromEntries(members.map((one) => [one.member, one.make()]))),
    }));
  return fc.record({
    input: fc.oneof({ weight: 5, arbitrary: of(INPUTS) }, { weight: 1, arbitrary: any }),
    init: fc.oneof({ weight: 8, arbitrary: init }, { weight: 1, arbitrary: any }),
  });
}

/** Where several members are wrong, or each look at one is refused, it is open whose error comes first. */
const areBothRefused = (difference) => difference.split('\n').slice(1).every((line) => /"result":"\w+ \(\w+\)"/.test(line));

/** Node answers a method that nobody knows while the body is on its way, and cuts that off: how much arrives is chance. */
const areCutOff = (difference) => difference.split('\n').slice(1).every((line) => /"status":400,"statusText":"Bad Request"/.test(line));

export async function args() {
  const api = createApi({ storage: 'memory', onSignedOut() {} });
  await api.signIn({ accessToken: freshToken() });
  let count = 0;
  const property = fc.asyncProperty(drawn(), async ({ input, init }) => {
    const make = () => [input.make(), init.make()];
    const world = { server: location.origin, token: 'x', ways: { ours: api.fetch } };
    const { differences } = await compare({ drawn: { [`${input.name}, ${init.name}`]: make } }, world);
    count += 1;
    const isOpen = /: .*: |proxy|throws/.test(init.name) && differences.every(areBothRefused) || differences.every(areCutOff);
    if (differences.length > 0 && !isOpen) throw new Error(differences.join('\n'));
    checkUnhandled();
    if (!await api.getAccessToken()) throw new Error('the session has ended');
  });
  return { property, facts: async () => ({ compared: count }) };
}
