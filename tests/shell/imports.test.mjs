// Nothing that Rust calls throws, whatever the caller's objects do: an exception that passed through WebAssembly would
// end the instance, with everybody who waits in it (rule 2.9).
//
// The list of what Rust calls is read from src/door, so that a function that is added there is tried here as well. Each is
// called in every world below; it must not throw, and must return what Rust takes it to return: a value of another
// type would throw on its way into a number.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as api from '../../src/shell/api.js';
import { readOptions } from '../../src/shell/options.js';
import { Platform } from '../../src/shell/platform.js';
import { readRequest } from '../../src/shell/request.js';
import { openSession } from '../../src/shell/session.js';
import * as tokens from '../../src/shell/token.js';
import { Transport } from '../../src/shell/transport.js';
import { declared, imports } from './imported.mjs';
import { pretend, throwing } from './stand-ins.mjs';

const hostile = () => new Proxy({}, {
  get() { throw new Error('hostile'); }, has() { throw new Error('hostile'); }, getPrototypeOf() { throw new Error('hostile'); },
});
const throws = () => { throw new Error('hostile'); };
const wrongs = () => [undefined, null, 0, 10n, Symbol('wrong'), 'text', {}, hostile(), { then: throws }, Object.create(null)];

/** The values for each argument, by its name in Rust. A request is always one that the shell has read. */
const ARGUMENTS = {
  request: ({ Outgoing }) => Outgoing,
  response: () => [...wrongs(), new Response(null, { status: 401 }), { status: 10n }, { status: 401, redirected: true, url: {} }],
  token: () => ['', 'token', 'a.b.c', `x.${btoa('{"sub":{},"exp":"never","iat":1e999}')}.y`, `x.${btoa('null')}.y`],
  access: () => [null, 'token', 'line\nbreak'],
  refresh: () => [null, 'token'],
  refresh_token: () => [null, 'token', 'line\nbreak'],
  error: wrongs,
  cause: wrongs,
  landing: () => [Promise.resolve()],
  driver: () => [{ finish() {}, task: { onRecord: throws, free() {} } }],
  task: () => [{ step: throws, free: throws }, { step: (_value, driver) => driver.finish(), free() {} }],
};
const OF_TYPE = { bool: [true, false], u32: [0, 1], f64: [0, 1, Number.NaN], str: ['text'] };
// `request` of the log may be missing; for the shell's functions about tokens there is always one.
const MISSING = { log: { request: [undefined] } };

const CHECKS = {
  '()': () => true,
  bool: (value) => typeof value === 'boolean',
  // Undefined becomes NaN on the way.
  f64: (value) => value === undefined || typeof value === 'number',
  u32: (value) => typeof value === 'number',
  u16: (value) => typeof value === 'number',
  'Option<f64>': (value) => value === undefined || typeof value === 'number',
  'Option<u16>': (value) => value === undefined || typeof value === 'number',
  Promise: (value) => value instanceof Promise,
  'Option<JsString>': (value) => value === undefined || value === null || typeof value === 'string',
  JsValue: () => true,
  LockRequest: (value) => typeof value === 'object',
  RefreshRequest: (value) => typeof value === 'object',
};

/** Options whose functions throw, reject, or return what they should not. */
const OPTIONS = {
  'a fetch that throws': { fetch: throws },
  'a fetch that returns nothing': { fetch: () => undefined },
  'a fetch that returns a proxy': { fetch: hostile },
  'a fetch whose status is a BigInt': { fetch: () => ({ status: 10n, ok: false, headers: new Headers(), text: async () => '' }) },
  'a fetch whose status is an object': {
    fetch: () => ({ status: { valueOf: throws }, ok: true, headers: new Headers(), text: async () => '{"accessToken":"a"}' }),
  },
  'a fetch whose headers are wrong': {
    fetch: () => ({ status: 503, headers: { get: () => Symbol('wrong') }, text: async () => '{"code":1.5}' }),
  },
  'a fetch of strange JSON': { fetch: () => Response.json({ code: 1.5, data: { accessToken: {}, refreshToken: 7, error: [{}] } }) },
  'a refresh that throws': { refresh: throws },
  'a refresh that throws a proxy': { refresh: () => { throw hostile(); } },
  'a refresh of strange tokens': { refresh: () => ({ accessToken: 'a', refreshToken: {}, expiresIn: { valueOf: throws } }) },
  'a refresh that returns a proxy': { refresh: hostile },
  'a rule that throws': { isUnauthorized: throws },
  'a rule of a proxy': { isUnauthorized: hostile },
  'hooks that throw': { hooks: { onRequest: throws, onResponse: throws } },
  'hooks that return proxies': { hooks: { onRequest: hostile, onResponse: hostile } },
  'a callback that throws': { onSignedOut: throws },
  'a storage that throws': { storage: { get: throws, set: throws, remove: throws, shared: true, subscribe: throws } },
  'a storage of proxies': { storage: { get: hostile, set: hostile, remove: hostile, subscribe: hostile } },
  'cookies': { xsrfCookieName: 'x', tokenCookie: 'y', signOutURL: '/out', autoRefresh: true },
  'a cookie session': { session: 'cookie', signOutURL: 'https://b.example/out', fetch: throws },
};

/** Globals of a page that is sandboxed, old, or patched by somebody. */
const quiet = { console: { warn() {}, debug() {}, error() {} }, reportError() {} };
const GLOBALS = {
  'a page': quiet,
  'a denied page': {
    ...quiet,
    document: { get cookie() { return throws(); }, baseURI: 'https://a.example/', get hidden() { return throws(); } },
    navigator: { get locks() { return throws(); }, get onLine() { return throws(); } },
    localStorage: throwing(), sessionStorage: throwing(), indexedDB: throwing(),
  },
  'a page whose parts are wrong': {
    navigator: { locks: { request: () => 7 }, onLine: Symbol('wrong') }, indexedDB: { open: () => undefined },
    console: {}, reportError: throws,
    localStorage: { getItem: hostile, setItem: throws, removeItem: throws }, sessionStorage: { get: hostile },
  },
  'a page whose parts throw': {
    navigator: { locks: { request: throws }, onLine: true }, indexedDB: { open: throws },
    console: { warn: throws, debug: throws, error: throws }, reportError: throws,
    localStorage: { getItem: throws, setItem: throws, removeItem: throws },
  },
};

const page = () => {
  const window = globalThis;
  return {
    window,
    origin: 'https://a.example',
    location: { href: 'https://a.example/', origin: 'https://a.example', protocol: 'https:', assign() {} },
    document: { baseURI: 'https://a.example/', addEventListener() {}, removeEventListener() {} },
  };
};

/** Requests as callers make them, as far as the shell takes them. */
function readable(platform) {
  const { settings, transport } = platform;
  const inits = [
    undefined, { method: { toString: throws } }, { method: Symbol('wrong') }, { method: hostile() }, { body: new FormData(), method: 'POST' },
    Object.create({ get method() { return { toString: throws }; } }), { auth: 'optional', timeout: 5 }, { headers: {}, body: 'b', method: 'put' },
    new Proxy({}, { ownKeys: throws }), new Proxy({}, { get: (_own, name) => (name === 'method' ? { toString: throws } : undefined) }),
  ];
  return inits.flatMap((init) => {
    try {
      return [readRequest(transport.origins.target('https://a.example/x?secret'), init, settings)];
    } catch {
      return []; // It is the caller's rejection.
    }
  });
}

const core = () => ({ join() {}, start() {}, storage: () => localStorage, untilDue: () => Infinity, refreshAhead: () => ({ step: throws }) });

/** The objects whose members Rust calls, by their class. */
async function objectsIn(options) {
  const settings = readOptions({ baseURL: 'https://a.example', debug: true, refreshTimeout: 20, fetch: () => Response.json({}), ...options }, 'createApi: ');
  const transport = new Transport(settings);
  const platform = new Platform(settings, openSession(settings, core()), transport);
  platform.core = core();
  const asked = [null, 'refresh'].map((token) => platform.ask(token));
  const answers = await Promise.all(asked.map((one) => one.wait(100)));
  return {
    Platform: [platform],
    Driver: [{ finish() {} }],
    LockRequest: [platform.lock(0), platform.lock(1)],
    RefreshRequest: asked,
    Answer: answers.filter(Boolean),
    Outgoing: readable(platform),
  };
}

/** Every list of arguments, each argument in all its values. */
const combined = (lists) => lists.reduce((all, list) => all.flatMap((before) => list.map((one) => [...before, one])), [[]]);

function argumentsOf({ parts, rustName }, world) {
  return combined(parts.map(([name, type]) => {
    const values = OF_TYPE[type] ?? ARGUMENTS[name]?.(world);
    assert.ok(values, `say in ARGUMENTS what a caller can put into \`${name}: ${type}\` of ${rustName}`);
    return [...values, ...MISSING[rustName]?.[name] ?? []];
  }));
}

/** Calls one import in every way, and returns how often. */
function tryOut(one, world) {
  const { owner, name, isGetter, result, rustName } = one;
  const targets = owner ? world[owner] : [{ ...tokens, ...api }];
  let count = 0;
  for (const target of targets) {
    for (const list of argumentsOf(one, world)) {
      const value = isGetter ? target[name] : target[name](...list);
      assert.ok(CHECKS[result], `say in CHECKS what ${result} is, which ${rustName} returns`);
      assert.ok(CHECKS[result](value), `${rustName} returned ${typeof value}, not ${result}`);
      // Rust hands a promise that rejects to a task, whose caller hears of it.
      if (value instanceof Promise) value.catch(() => {});
      count += 1;
    }
  }
  return count;
}

test('the list of what Rust calls is complete', () => {
  const list = imports();
  assert.equal(list.length, declared);
  assert.deepEqual(list.filter(({ isCaught }) => isCaught).map(({ name }) => name), ['createApi']);
  for (const { owner, name, isGetter } of list) {
    if (owner === 'Platform' && !isGetter) {
      assert.ok(name in Platform.prototype || /\bnow|aboutNow|wallClock|random|sleep|rest\b/.test(name), `Platform has no ${name}`);
    }
  }
});

for (const [page_, globals] of Object.entries(GLOBALS)) {
  for (const [options_, options] of Object.entries(OPTIONS)) {
    test(`no import throws in ${page_} with ${options_}`, async (t) => {
      pretend(t, { ...page(), ...globals });
      const world = await objectsIn(options);
      let count = 0;
      for (const one of imports()) if (!one.isCaught && !one.isOfWeb) count += tryOut(one, world);
      assert.ok(count > 200, `${count} calls`);
      await new Promise((resolve) => { setTimeout(resolve, 30); });
    });
  }
}
