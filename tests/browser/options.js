// Wrong options (rule 1.5).

import { check, equal, thrown } from './expect.js';

const fail = () => { throw new Error('own'); };

/** Options that are wrong, by the option that the message has to name. */
const WRONG = {
  baseURL: [7, '', null, 'javascript:alert(1)', 'http://[', 'data:,x'],
  timeout: ['100', -1, Number.NaN, Infinity, 2 ** 31, null],
  headers: [7, 'X-A: 1', { 'bad name': 'x' }, { 'X-A': 'a\nb' }, null],
  fetch: ['fetch', null, {}],
  storage: ['nowhere', 7, null, {}, { get() {}, set() {} }, { get: 1, set: 2, remove: 3 },
    { get() {}, set() {}, remove() {}, shared: 'yes' }, { get() {}, set() {}, remove() {}, subscribe: true }],
  accessTokenKey: ['', 7, null],
  refreshTokenKey: ['', {}],
  refreshURL: [7, '', 'javascript:alert(1)'],
  refresh: [7, 'x', null, {}, { tokenEndpoint: '/token' }, { clientId: 'x' }],
  'refresh.tokenEndpoint': [7, 'javascript:1'].map((tokenEndpoint) => ({ refresh: { tokenEndpoint, clientId: 'x' } })),
  'refresh.clientId': [{ refresh: { tokenEndpoint: '/token', clientId: 7 } }],
  'refresh.revocationEndpoint': [{ refresh: { tokenEndpoint: '/token', clientId: 'x', revocationEndpoint: 'data:,' } }],
  'refresh.scope': [{ refresh: { tokenEndpoint: '/token', clientId: 'x', scope: [] } }],
  refreshAhead: ['30', -1, Number.NaN, Infinity, null],
  autoRefresh: ['yes', 1, null],
  refreshTimeout: ['1', -1],
  lockTimeout: ['1', -1, null, 2 ** 31, 9999],
  signOutURL: ['javascript:alert(1)', 7, ''],
  refreshRetries: [-1, 1.5, '2', 101, Infinity],
  retryDelay: [-1, null],
  maxRetryAfter: ['x'],
  coolDown: [-1],
  loginURL: ['javascript:alert(1)', ' JavaScript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 7, ''],
  returnTo: [true, ''],
  onSignedOut: ['x', {}],
  allowedOrigins: ['https://a.example', [7], ['a.example'], ['https://*.a.example'], ['https://a.example/path'], ['null'], [''], {}],
  isUnauthorized: [401],
  header: ['', 7, 'bad name', 'X-A:'],
  scheme: [7, null, 'Bearer\nX-A: 1'],
  session: ['jwt', 7, null],
  tokenCookie: ['', 7],
  unauthorized: ['throw', true],
  credentials: ['yes', true, ''],
  hooks: [7, 'x', () => {}],
  'hooks.onRequest': [{ hooks: { onRequest: 'x' } }],
  'hooks.onResponse': [{ hooks: { onResponse: {} } }],
  debug: ['yes', 1, null],
};

export async function a_wrong_option_throws_a_type_error_that_names_it({ createApi }) {
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      const options = name.includes('.') ? value : { [name]: value };
      const error = thrown(() => createApi(options));
      const what = `${name}: ${String(error?.message)}`;
      check(error instanceof TypeError && error.constructor === TypeError, what);
      check(error.message.includes(`\`${name}\``), what);
    }
  }
}

export async function an_unknown_option_is_answered_with_the_nearest_known_one({ createApi }) {
  for (const [wrong, right] of Object.entries({
    baseUrl: 'baseURL', basURL: 'baseURL', loginUrl: 'loginURL', refreshUrl: 'refreshURL', refreshToken: 'refreshTokenKey',
    timeOut: 'timeout', heder: 'header', onSignOut: 'onSignedOut', allowedOrigin: 'allowedOrigins', credential: 'credentials',
    isUnauthorised: 'isUnauthorized', accessTokenkey: 'accessTokenKey',
  })) {
    const { message, constructor } = thrown(() => createApi({ [wrong]: undefined }));
    equal(constructor, TypeError, wrong);
    check(message.includes(`\`${wrong}\``) && message.includes(`\`${right}\``), message);
  }
  const nested = thrown(() => createApi({ hooks: { onrequest() {} } })).message;
  check(nested.includes('`hooks.onrequest`') && nested.includes('`hooks.onRequest`'), nested);
  const oauth = thrown(() => createApi({ refresh: { tokenEndpoint: '/x', clientID: 'x' } })).message;
  check(oauth.includes('`refresh.clientID`') && oauth.includes('`refresh.clientId`'), oauth);
}

export async function what_are_no_options_at_all_throws_too({ createApi }) {
  for (const options of [null, 7, 'https://api.example.com', true, Symbol('x')]) {
    const error = thrown(() => createApi(options));
    check(error instanceof TypeError && error.message.includes('object'), `${String(options)}: ${error}`);
  }
  for (const options of [{ get timeout() { return fail(); } }, new Proxy({}, { ownKeys: fail })]) {
    check(thrown(() => createApi(options)) instanceof Error, 'options that cannot be read');
  }
}

export async function undefined_options_are_as_good_as_none({ signIn, createApi }) {
  const names = Object.keys(WRONG).filter((name) => !name.includes('.'));
  const { create } = await signIn();
  check(createApi(undefined).fetch instanceof Function, 'no options');
  const { baseURL, accessTokenKey, refreshTokenKey, ...rest } = Object.fromEntries(names.map((name) => [name, undefined]));
  equal([baseURL, accessTokenKey, refreshTokenKey].filter(Boolean), [], 'what the session gives itself');
  equal((await create(rest).fetch('/test/echo')).status, 200, 'the status');
}

export async function nothing_is_half_created({ createApi }) {
  let asked = 0;
  const storage = { get() { asked += 1; return null; }, set() { asked += 1; }, remove() { asked += 1; } };
  thrown(() => createApi({ storage, timeout: -1 }));
  thrown(() => createApi({ storage, unknown: 1 }));
  equal(asked, 0, 'what the storage was asked');
}

export async function no_message_shows_what_was_given({ createApi }) {
  const secret = 'eyJhbGciOiJIUzI1NiJ9.secret.secret';
  for (const options of [{ storage: secret }, { timeout: secret }, { header: `${secret}\n` }, { headers: secret }, { session: secret },
    { refresh: secret }, { allowedOrigins: [secret] }, { baseURL: `javascript:${secret}` }, { headers: { 'X-A': `a\n${secret}` } }]) {
    const { message } = thrown(() => createApi(options));
    check(!message.includes('secret'), message);
  }
}

export async function the_members_are_bound_and_there_are_no_others({ signIn }) {
  const { api } = await signIn();
  const { fetch: own, get, post, request, getAccessToken } = api;
  equal((await own('/test/echo')).status, 200, 'fetch');
  equal((await get('/test/echo')).status, 200, 'get');
  equal((await post('/test/echo', {})).status, 200, 'post');
  equal((await request({ url: '/test/echo' })).status, 200, 'request');
  check(typeof await getAccessToken() === 'string', 'getAccessToken');
  equal((await [1].map(() => own('/test/echo'))[0]).status, 200, 'without this');
  equal((await Reflect.apply(own, { other: 'this' }, ['/test/echo'])).status, 200, 'with another this');
}
