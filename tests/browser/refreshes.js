// The ways in which new tokens are asked for (rules 3.4 and 3.5).

import { check, equal, rejection } from './expect.js';
import { until } from './support.js';

/** A `fetch` underneath that keeps what the refreshes were sent with. */
function recorder() {
  const sent = [];
  const record = async (input, init) => {
    const request = new Request(input, init);
    if (request.method === 'POST' && !request.url.includes('/test/')) {
      const { url, credentials, keepalive, headers, signal } = request;
      sent.push({ url, credentials, keepalive, headers, signal, body: await request.clone().text() });
    }
    return fetch(request);
  };
  return { sent, fetch: record };
}

/** Lets the token expire, and expects that one request comes through with one refresh. */
async function refreshOnce({ api, expire, stats }) {
  const before = await stats();
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  const { refreshes, rotations } = await stats();
  equal([refreshes - before.refreshes, rotations - before.rotations], [1, 1], 'refreshes and rotations');
}

export async function a_stored_refresh_token_is_posted_as_json({ signIn, server }) {
  const { sent, fetch: underneath } = recorder();
  const session = await signIn({ fetch: underneath, headers: { 'X-App': 'shop' } });
  const { stored, accessToken, refreshToken } = session;
  await refreshOnce(session);
  const [{ url, body, headers, keepalive, credentials }, ...more] = sent;
  equal([url, more.length], [`${server}/api/refresh-token`, 0], 'where to, and how often');
  equal(JSON.parse(body), { refreshToken }, 'the body');
  equal([headers.get('content-type'), headers.get('accept')], ['application/json', 'application/json'], 'types');
  equal([headers.get('authorization'), headers.get('x-app')], [null, 'shop'], 'no access token, but the default headers');
  equal([keepalive, credentials], [false, 'same-origin'], 'keepalive and credentials');
  check(stored().access !== accessToken && stored().refresh !== refreshToken, 'both tokens are new');
  await refreshOnce(session);
  equal(JSON.parse(sent[1].body).refreshToken === refreshToken, false, 'whether the spent token is sent again');
}

export async function an_http_only_cookie_is_refreshed_without_a_body({ signIn }) {
  const { sent, fetch: underneath } = recorder();
  const session = await signIn({ fetch: underneath, credentials: 'include' }, { style: 'cookie' });
  equal(session.stored().refresh, null, 'the stored refresh token');
  await refreshOnce(session);
  await refreshOnce(session);
  const once = ['', 'include', true];
  equal(sent.map(({ body, credentials, keepalive }) => [body, credentials, keepalive]), [once, once], 'what was sent');
  equal(sent[0].headers.get('content-type'), null, 'the content type');
  equal(session.stored().refresh, null, 'the stored refresh token');
}

export async function a_first_visit_with_an_http_only_cookie_is_let_in({ signIn }) {
  const { create, stats } = await signIn({ credentials: 'include' }, { style: 'cookie' });
  const api = create({ accessTokenKey: 'nothing yet', refreshTokenKey: 'nothing either' });
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  check(localStorage.getItem('nothing yet') !== null, 'the access token is stored');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function an_envelope_is_opened({ signIn }) {
  await refreshOnce(await signIn({ refreshURL: '/envelope/refresh-token' }));
}

export async function the_refused_envelope_ends_the_session({ signIn, SignInRequiredError }) {
  const { api, revoke, stored } = await signIn({ refreshURL: '/envelope/refresh-token' });
  await revoke();
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  equal(stored(), { access: null, refresh: null }, 'the storage');
}

export async function an_oauth_token_endpoint_gets_a_form({ signIn, server, SignInRequiredError }) {
  const { sent, fetch: underneath } = recorder();
  const refresh = { tokenEndpoint: `${server}/api/token`, clientId: 'the web', scope: 'read write' };
  const session = await signIn({ refresh, fetch: underneath });
  const { api, refreshToken, stored, revoke } = session;
  await refreshOnce(session);
  const [{ url, body, headers }] = sent;
  const type = 'application/x-www-form-urlencoded;charset=UTF-8';
  equal([url, headers.get('content-type')], [refresh.tokenEndpoint, type], 'where to, and the type');
  const { clientId, scope } = refresh;
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId, scope };
  equal(Object.fromEntries(new URLSearchParams(body)), form, 'the form');
  check(stored().refresh !== refreshToken, 'the refresh token was rotated');
  await revoke();
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
}

export async function a_relative_token_endpoint_is_joined_to_the_base_url({ signIn }) {
  await refreshOnce(await signIn({ refresh: { tokenEndpoint: '/token', clientId: 'web' } }));
}

export async function a_cookie_session_needs_no_token_at_all({ signIn }) {
  const session = await signIn({ session: 'cookie', credentials: 'include' }, { style: 'cookies' });
  const { api, attempts, stored, events } = session;
  await refreshOnce(session);
  await until(() => events.length > 0, 'the event');
  equal(events, [{ type: 'tokenRefreshed', accessToken: null }], 'events');
  await refreshOnce(session);
  equal((await api.fetch('/test/echo')).status, 200, 'the next request');
  const headers = (await attempts()).map((attempt) => attempt.headers.authorization);
  equal(headers.filter(Boolean), [], 'Authorization headers');
  const { access, refresh } = stored();
  equal([/^\d+$/.test(access), refresh], [true, null], 'a mark that is no token, and nothing else in the storage');
  equal(await api.getAccessToken(), null, 'what getAccessToken gives');
}

export async function a_cookie_session_ends_when_it_is_refused({ signIn, SignInRequiredError }) {
  const { api, revoke, stats, signedOut } = await signIn({ session: 'cookie', credentials: 'include' }, { style: 'cookies' });
  const known = [api.session.status];
  api.subscribe(({ status }) => known.push(status));
  await revoke();
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  equal([(await stats()).refreshes, signedOut.length], [1, 1], 'refreshes and calls of onSignedOut');
  const next = await signIn({ session: 'cookie', credentials: 'include' }, { style: 'cookies' });
  await api.signIn();
  await until(() => known.length === 3, 'what is known has changed');
  equal(known, ['unknown', 'signedOut', 'signedIn'], 'what is known of the session');
  equal((await api.fetch('/test/echo')).status, 200, 'after signing in');
  equal((await next.attempts()).length, 1, 'attempts of the new session');
}

export async function a_thousandfold_cookie_session_refreshes_once({ signIn }) {
  const { api, expire, stats, faults } = await signIn({ session: 'cookie', credentials: 'include' }, { style: 'cookies' });
  await expire();
  await faults({ delay: 300 });
  const send = (n) => api.fetch('/test/echo', { method: 'POST', body: `${n}` });
  const responses = await Promise.all(Array.from({ length: 200 }, (_, n) => send(n)));
  equal(responses.every(({ status }) => status === 200), true, 'whether all came through');
  const { refreshes, reuses } = await stats();
  equal([refreshes, reuses], [1, 0], 'refreshes and reuses');
}

export async function the_token_may_come_in_a_readable_cookie({ signIn }) {
  const options = { tokenCookie: 'access_token', credentials: 'include' };
  const session = await signIn(options, { style: 'readable' });
  const { stored, accessToken } = session;
  await refreshOnce(session);
  const { access } = stored();
  check(access !== null && access !== accessToken, 'the access token is new');
  equal(document.cookie.includes(`access_token=${access}`), true, 'whether it is the one of the cookie');
  await refreshOnce(session);
}

export async function a_refresh_is_never_itself_refreshed_nor_hooked({ signIn }) {
  const { create, expire, stats, faults } = await signIn();
  const seen = [];
  const api = create({
    hooks: { onRequest: ({ url }) => { seen.push(url); }, onResponse: ({ url }) => { seen.push(url); } },
    isUnauthorized: ({ url, status }) => { seen.push(url); return status === 401; },
    timeout: 300,
  });
  await expire();
  await faults({ delay: 600 });
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  equal(seen.filter((url) => url.includes('refresh')), [], 'refreshes that were seen');
  equal((await stats()).refreshes, 1, 'refreshes');
}

/** Both sides of the double submit, as a session of that style has them. */
const XSRF = [{ xsrfCookieName: 'XSRF-TOKEN', credentials: 'include' }, { style: 'cookie', xsrf: true }];

export async function a_cookie_that_wants_to_be_repeated_is_repeated_on_every_attempt_and_the_refresh({ signIn }) {
  const { api, create, expire, stats, attempts } = await signIn(...XSRF);
  const inCookie = () => decodeURIComponent(/XSRF-TOKEN=([^;]+)/.exec(document.cookie)[1]);
  const before = inCookie();
  const hooked = create({ hooks: { onRequest() {} } });
  const calls = [
    () => api.fetch('/test/echo'),
    () => hooked.fetch('/test/echo', { method: 'POST', body: 'x', headers: { 'X-XSRF-TOKEN': 'mine' } }),
  ];
  await expire();
  equal((await Promise.all(calls.map((call) => call()))).map(({ status }) => status), [200, 200], 'statuses');
  const { refreshes, rotations } = await stats();
  equal([refreshes, rotations], [1, 1], 'refreshes and rotations');
  const after = inCookie();
  check(after !== before, 'the refresh has changed the cookie');
  const sent = (await attempts()).map(({ headers, authorized }) => [authorized, headers['x-xsrf-token']]);
  equal(sent.sort(), [[false, before], [false, before], [true, after], [true, after]], 'what was repeated');
  const { headers } = await (await api.fetch('/test/open', { auth: false })).json();
  equal([headers['x-xsrf-token'], headers.authorization], [after, undefined], 'without a token');
}

export async function a_refresh_without_the_cookie_s_repetition_is_refused({ signIn, SignInRequiredError }) {
  const [options, how] = XSRF;
  const { api, expire } = await signIn({ ...options, xsrfHeaderName: 'X-Other' }, how);
  await expire();
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
}

export async function what_is_repeated_goes_nowhere_but_to_allowed_origins({ signIn, other }) {
  const { api } = await signIn(...XSRF);
  const { headers } = await (await api.fetch(`${other}/api/test/open`, { credentials: 'omit' })).json();
  equal(headers['x-xsrf-token'], undefined, 'the header');
}

export async function a_refresh_is_not_redirected_to_another_origin({ signIn, other, RefreshUnavailableError }) {
  for (const status of [301, 302, 307, 308]) {
    const { api, expire, faults, stored, refreshToken } = await signIn({ refreshRetries: 0 });
    await expire();
    await faults({ status, location: `${other}/api/test/open` });
    await rejection(api.fetch('/test/echo'), RefreshUnavailableError, `${status}`);
    equal(stored().refresh, refreshToken, 'the refresh token stays');
  }
}

export async function a_token_server_may_have_names_of_its_own({ signIn }) {
  const { api, expire, faults, stored } = await signIn({
    tokenNames: { accessToken: 'result.token', expiresIn: 'ttl' }, unauthorized: 'return',
  });
  await expire();
  await faults({ body: '{"result":{"token":"new"},"refreshToken":"next","ttl":"600"}' });
  equal((await api.fetch('/test/echo')).status, 401, 'the replay');
  equal(stored(), { access: 'new', refresh: 'next' }, 'the tokens');
}
