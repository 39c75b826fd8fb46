// Complaints about options, and URLs that are resolved once (rules 1.5, 1.7 and 2.2).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readMinValidity } from '../../src/shell/options.js';
import { inPage, pageAt, settingsOf } from './page.mjs';

const complaint = (options) => {
  try {
    settingsOf(options);
  } catch (error) {
    assert.equal(error.constructor, TypeError);
    return error.message;
  }
  return assert.fail('nothing was complained about');
};

const WRONG = [
  [null, 'the argument must be an object.'],
  [7, 'the argument must be an object.'],
  [{ baseUrl: undefined }, 'unknown option `baseUrl`; did you mean `baseURL`?'],
  [{ timeout: -1, heder: 'x' }, 'unknown option `heder`; did you mean `header`?'],
  [{ hooks: { onrequest() {} } }, 'unknown option `hooks.onrequest`; did you mean `hooks.onRequest`?'],
  [{ refresh: { clientID: 'x' } }, 'unknown option `refresh.clientID`; did you mean `refresh.clientId`?'],
  [{ hooks: 7 }, 'option `hooks` must be an object.'],
  [{ hooks() {} }, 'option `hooks` must be an object.'],
  [{ hooks: { onRequest: 'x' } }, 'option `hooks.onRequest` must be a function.'],
  [{ refresh: null }, 'option `refresh` must be an object.'],
  [{ refresh: {} }, 'option `refresh` must be a function, or { tokenEndpoint, clientId, scope?, revocationEndpoint? }.'],
  [{ refresh: { tokenEndpoint: '/t', clientId: '' } }, 'option `refresh.clientId` must be a non-empty string.'],
  [{ timeout: '1' }, 'option `timeout` must be a number of milliseconds from 0 to 2147483647.'],
  [{ refreshAhead: 2147484 }, 'option `refreshAhead` must be a number of seconds from 0 to 2147483.'],
  [{ refreshAhead: '30' }, 'option `refreshAhead` must be a number of seconds from 0 to 2147483.'],
  [{ refreshRetries: 1.5 }, 'option `refreshRetries` must be a whole number from 0 to 100.'],
  [{ debug: 1 }, 'option `debug` must be true or false.'],
  [{ fetch: {} }, 'option `fetch` must be a function.'],
  ...[null, 'Bearer\n', 'a\r\nX-A: 1', 'a\0', '\u{1f511}'].map((scheme) => (
    [{ scheme }, 'option `scheme` must be a string that can stand in a header.']
  )),
  ...['Authorization\n', 'X-A: 1', '', 7, { toString: () => 'X-A' }].map((header) => (
    [{ header }, 'option `header` must be the name of a header.']
  )),
  [{ lockTimeout: 9999 }, 'option `lockTimeout` must be `refreshTimeout` or more.'],
  [{ lockTimeout: 20_000, refreshTimeout: 20_001 }, 'option `lockTimeout` must be `refreshTimeout` or more.'],
  [{ signOutURL: 'javascript:1' }, 'option `signOutURL` must be a URL with http: or https:, or a path.'],
  [{ returnTo: '' }, 'option `returnTo` must be a non-empty string.'],
  [{ session: 'jwt' }, "option `session` must be one of 'token', 'cookie'."],
  [{ credentials: '' }, "option `credentials` must be one of 'omit', 'same-origin', 'include'."],
  [{ baseURL: 'data:,x' }, 'option `baseURL` must be a URL with http: or https:, or a path.'],
  [{ loginURL: 'java\nscript:alert(1)' }, 'option `loginURL` must be a URL with http: or https:, or a path.'],
  [{ allowedOrigins: ['https://*.a.example'] },
    "option `allowedOrigins` must be an array of origins such as 'https://api.example.com', without path or pattern."],
  [{ headers: 'X-A: 1' }, 'option `headers` must be what `new Headers()` takes.'],
  [{ header: 'bad name' }, 'option `header` must be the name of a header.'],
  [{ header: 7 }, 'option `header` must be the name of a header.'],
  ...[
    { get() {}, set() {} },
    ...[1, 'yes', null, () => true].map((shared) => ({ get() {}, set() {}, remove() {}, shared })),
    ...[true, 'x', null, {}].map((subscribe) => ({ get() {}, set() {}, remove() {}, subscribe })),
  ].map((storage) => [{ storage },
    "option `storage` must be 'local', 'session', 'memory', or an object with the functions get, set and remove "
      + '(`shared`, if given, is true or false, and `subscribe` a function).']),
];

test('a complaint names the option and what it has to be', () => {
  for (const [options, text] of WRONG) assert.equal(complaint(options), `createApi: ${text}`);
});

test('the first complaint is about unknown names, then about whatever is read first', () => {
  assert.match(complaint({ storage: 7, timeout: 'x', baseURL: 7 }), /`baseURL`/);
  assert.match(complaint({ storage: 7, timeout: 'x' }), /`timeout`/);
});

test('a name that is not known is answered with the one that is meant, where one is near or well known', () => {
  for (const [wrong, right] of Object.entries({
    baseUri: 'baseURL', baseurl: 'baseURL', refreshToken: 'refreshTokenKey', onSignOut: 'onSignedOut', signoutURL: 'signOutURL',
    interceptors: 'hooks', onRequest: 'hooks', tokenKey: 'accessTokenKey', tokenName: 'tokenNames', refreshEndpoint: 'refreshURL',
    refreshTokenEndpoint: 'refreshURL', refreshPath: 'refreshURL', loginPage: 'loginURL', signInUrl: 'loginURL',
    logoutURL: 'signOutURL', logoutEndpoint: 'signOutURL', onLogout: 'onSignedOut', onUnauthorized: 'onSignedOut',
    onSessionExpired: 'onSignedOut', withCredentials: 'credentials', tokenType: 'scheme', client_id: 'refresh.clientId',
  })) {
    const [name, given] = right.startsWith('refresh.') ? [`refresh.${wrong}`, { refresh: { [wrong]: 1 } }] : [wrong, { [wrong]: 1 }];
    assert.equal(complaint(given), `createApi: unknown option \`${name}\`; did you mean \`${right}\`?`);
  }
  for (const name of ['x', 'foo', 'retry', 'cache', 'plugins', 'responseType', '__proto_', 'toString', 'x'.repeat(1e6)]) {
    assert.equal(complaint({ [name]: 1 }), `createApi: unknown option \`${name}\`.`);
  }
  assert.equal(complaint({ hooks: { tokenType: 1 } }), 'createApi: unknown option `hooks.tokenType`.');
});

test('lockTimeout is refreshTimeout, and 10 s at least', () => {
  const times = (options) => settingsOf(options).lockTimeout;
  assert.deepEqual([{}, { refreshTimeout: 500 }, { refreshTimeout: 20_000 }].map(times), [10_000, 10_000, 20_000]);
  assert.deepEqual([{ lockTimeout: 500, refreshTimeout: 500 }, { lockTimeout: 60_000 }].map(times), [500, 60_000]);
});

test('whatever a hostile object does, a TypeError names the option', () => {
  const fail = () => { throw new Error('own'); };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const [options, text] of [
    [{ get timeout() { return fail(); } }, 'option `timeout` must be readable.'],
    [new Proxy({}, { ownKeys: fail }), 'the argument must be readable.'],
    [new Proxy({}, { get: fail }), 'option `session` must be readable.'],
    [proxy, 'the argument must be readable.'],
    [{ hooks: proxy }, 'option `hooks` must be readable.'],
    [new Proxy({}, { getOwnPropertyDescriptor: fail, ownKeys: () => ['debug'] }), 'the argument must be readable.'],
    [{ refresh: new Proxy({}, { get: fail }) }, 'option `refresh.tokenEndpoint` must be readable.'],
    [{ hooks: { get onResponse() { return fail(); } } }, 'option `hooks.onResponse` must be readable.'],
    [{ headers: new Proxy({}, { ownKeys: fail }) }, 'option `headers` must be what `new Headers()` takes.'],
    [{ storage: { get get() { return fail(); } } },
      "option `storage` must be 'local', 'session', 'memory', or an object with the functions get, set and remove "
      + '(`shared`, if given, is true or false, and `subscribe` a function).'],
  ]) assert.equal(complaint(options), `createApi: ${text}`);
  // A function is only called.
  assert.equal(typeof settingsOf({ refresh: new Proxy(() => {}, { get: fail }) }).refresh, 'function');
  assert.match(complaint({ allowedOrigins: proxy }), /`allowedOrigins` must be an array/);
  assert.match(complaint({ allowedOrigins: [{ toString: fail }] }), /`allowedOrigins` must be an array/);
});

test('each option is read once', () => {
  const reads = [];
  /** An object that gives each value once, and something else from then on. */
  const fickle = (answers) => Object.defineProperties({}, Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, {
    get() {
      reads.push(name);
      return reads.includes(name, reads.indexOf(name) + 1) ? 'javascript:other' : value;
    },
    enumerable: true,
  }])));
  const hook = () => {};
  const refresh = { tokenEndpoint: 'https://id.example/token', clientId: 'x', scope: 'y' };
  const answers = { timeout: 5, loginURL: 'https://app.example/a', header: 'X-A', allowedOrigins: ['https://b.example'] };
  const { hooks, ...settings } = settingsOf(fickle({
    ...answers, hooks: fickle({ onRequest: hook }), refresh: fickle(refresh), storage: 'memory',
  }));
  assert.equal(new Set(reads).size, reads.length);
  for (const [name, value] of Object.entries(answers)) assert.deepEqual(settings[name], value, name);
  assert.equal(hooks.onRequest, hook);
  assert.deepEqual(settings.refresh, { ...refresh, revocationEndpoint: undefined });
});

test('the defaults are the article’s', async () => {
  const settings = await inPage(pageAt('https://app.example/x/y?z'), () => settingsOf(undefined));
  assert.deepEqual({ ...settings, hooks: { ...settings.hooks } }, {
    baseURL: undefined, timeout: 0, headers: undefined, fetch: undefined, storage: 'local', accessTokenKey: 'accessToken',
    refreshTokenKey: 'refreshToken', refreshURL: 'https://app.example/refresh-token', refresh: undefined,
    signOutURL: undefined, tellsSignOut: false,
    refreshAhead: 30_000, autoRefresh: false, refreshTimeout: 10_000, lockTimeout: 10_000, refreshRetries: 2,
    retryDelay: 300, maxRetryAfter: 30_000, coolDown: 1000, loginURL: 'https://app.example/login', returnTo: undefined,
    onSignedOut: undefined, allowedOrigins: [], isUnauthorized: undefined, header: 'Authorization', scheme: 'Bearer',
    isCookieSession: false, tokenCookie: undefined, tokenNames: {}, xsrfCookieName: undefined, xsrfHeaderName: 'X-XSRF-TOKEN',
    returnsUnauthorized: false, credentials: undefined, hooks: {}, debug: false,
  });
  assert.equal(settingsOf({ session: 'cookie' }).accessTokenKey, 'tokenflight');
});

test('the URLs of the options are resolved once, at creation, against the base of the document', async () => {
  const page = pageAt('https://app.example/here/', 'https://app.example/base/');
  const settings = await inPage(page, () => settingsOf({
    baseURL: 'api', refreshURL: 'renew', loginURL: 'sign-in', signOutURL: 'out',
    refresh: { tokenEndpoint: '/token', clientId: 'x', revocationEndpoint: '/revoke' },
  }));
  assert.equal(settings.baseURL, 'https://app.example/base/api');
  assert.equal(settings.refreshURL, 'https://app.example/base/api/renew');
  assert.equal(settings.refresh.tokenEndpoint, 'https://app.example/base/api/token');
  assert.equal(settings.refresh.revocationEndpoint, 'https://app.example/base/api/revoke');
  assert.equal(settings.signOutURL, 'https://app.example/base/api/out');
  assert.equal(settings.loginURL, 'https://app.example/base/sign-in');
  const elsewhere = await inPage(page, () => settingsOf({ baseURL: '/api', refreshURL: 'https://id.example/renew' }));
  assert.equal(elsewhere.refreshURL, 'https://id.example/renew');
});

test('where there is no page, relative URLs stay as they are', () => {
  const { baseURL, refreshURL, loginURL } = settingsOf({ baseURL: '/api' });
  assert.deepEqual([baseURL, refreshURL, loginURL], ['/api', '/api/refresh-token', '/login']);
});

test('minValidity is in seconds', () => {
  assert.equal(readMinValidity(undefined), 0);
  assert.equal(readMinValidity({ minValidity: 90 }), 90_000);
  for (const [given, text] of [
    [null, 'getAccessToken: the argument must be an object.'],
    [{ minValidity: '1' }, 'getAccessToken: option `minValidity` must be a number of seconds from 0 to 2147483.'],
    [{ minvalidity: 1 }, 'getAccessToken: unknown option `minvalidity`; did you mean `minValidity`?'],
  ]) assert.throws(() => readMinValidity(given), new TypeError(text));
});

test('a storage may say that it is shared, or not, and tell of changes', () => {
  const storage = { get() {}, set() {}, remove() {} };
  for (const more of [{}, { shared: true }, { shared: false }, { subscribe() {} }, { shared: undefined, subscribe: undefined }]) {
    assert.doesNotThrow(() => settingsOf({ storage: { ...storage, ...more } }));
  }
});
