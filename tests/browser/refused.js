// The server refuses to refresh: the session is over (rules 3.6, 3.7, 4.1 and 4.2).

import { check, equal, rejection, same } from './expect.js';
import { until } from './support.js';

const times = (count, act) => Array.from({ length: count }, (_, n) => act(n));

const REFUSALS = {
  'a 401': { status: 401 },
  'a 400': { status: 400, body: '{"error":"invalid_grant"}' },
  'a 401 with a page': { status: 401, body: '<h1>no</h1>', type: 'text/html' },
  'a 403': { status: 403, body: '{}' },
  'a 404': { status: 404 },
  'a 200 without a token': { body: '{"error":"invalid_grant"}' },
  'an envelope': { body: '{"code":401,"message":"over"}' },
  'an empty object': { body: '{}' },
  'JSON that is no object': { body: 'null' },
  'a token of another user': { sub: 'eve' },
};

export async function all_waiters_get_one_error_and_both_tokens_go({ signIn, SignInRequiredError }) {
  for (const [how, fault] of Object.entries(REFUSALS)) {
    const { api, create, expire, faults, stats, stored, signedOut, heard } = await signIn();
    await expire();
    await faults({ delay: 100, ...fault });
    const waiters = times(10, (n) => (n % 2 ? api : create()).fetch('/test/echo'));
    const [error, ...others] = await Promise.all(waiters.map((waiter) => rejection(waiter, SignInRequiredError, how)));
    for (const other of others) same(other, error, `${how}: the error of another waiter`);
    equal([error.code, error.name, error instanceof Error], ['SIGN_IN_REQUIRED', 'SignInRequiredError', true], how);
    equal(stored(), { access: null, refresh: null }, `${how}: the storage`);
    await until(() => heard().length > 0, 'the event');
    equal([heard(), signedOut], [['signedOut'], [{ type: 'signedOut', reason: 'refused' }]], `${how}: events`);
    equal((await stats()).refreshes, 1, `${how}: refreshes`);
  }
}

export async function the_cause_says_what_the_server_answered({ signIn }) {
  const { api, expire, faults } = await signIn();
  await expire();
  await faults({ status: 403 });
  const { cause, message } = await rejection(api.fetch('/test/echo'));
  check(cause instanceof Error && cause.message.includes('403'), `the cause: ${cause}`);
  check(message.includes('sign in'), `what to do: ${message}`);
}

export async function after_that_no_refresh_is_tried_until_a_token_appears({ signIn, SignInRequiredError }) {
  const { api, create, expire, revoke, stats, store, refreshToken, signedOut, heard } = await signIn();
  await expire();
  await revoke();
  const error = await rejection(api.fetch('/test/echo'), SignInRequiredError);
  await Promise.all(times(20, (n) => rejection((n % 2 ? api : create()).fetch('/test/echo'), SignInRequiredError)));
  same(await rejection(api.fetch('/test/echo')), error, 'the error of later requests');
  equal((await stats()).refreshes, 1, 'refreshes');
  equal([signedOut.length, heard()], [1, ['signedOut']], 'events');
  equal((await api.fetch('/test/open')).status, 200, 'what needs no token');

  store(null, refreshToken);
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  equal((await stats()).refreshes, 1, 'refreshes when the refused token is put back: it is no new one');

  const next = await signIn();
  store(next.accessToken, next.refreshToken);
  equal((await api.fetch('/test/echo')).status, 200, 'with new tokens');
  await next.expire();
  equal((await api.fetch('/test/echo')).status, 200, 'and with a refresh');
  equal((await next.stats()).refreshes, 1, 'refreshes of the new session');
}

export async function a_request_that_waits_for_the_flight_gets_the_same_error({ signIn }) {
  const { api, expire, faults, stats } = await signIn();
  await expire();
  await faults({ delay: 300, status: 401 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  const second = api.fetch('/test/echo');
  same(await rejection(second), await rejection(first), 'the error');
  equal((await stats()).attempts.length, 1, 'attempts');
}

export async function unauthorized_return_gives_each_caller_its_own_unread_401({ signIn }) {
  const { api, revoke, stats, stored, signedOut } = await signIn({ unauthorized: 'return' });
  await revoke();
  const responses = await Promise.all(times(5, () => api.fetch('/test/echo')));
  equal(new Set(responses).size, 5, 'different responses');
  for (const response of responses) {
    equal([response.status, response.bodyUsed], [401, false], 'the response');
    equal((await response.json()).error, 'token_revoked', 'its body');
  }
  equal(stored(), { access: null, refresh: null }, 'the storage');
  const later = await api.fetch('/test/echo');
  equal([later.status, (await later.json()).error], [401, 'token_missing'], 'a later one');
  equal([(await stats()).refreshes, signedOut.length], [1, 1], 'refreshes and calls of onSignedOut');
}

export async function unauthorized_return_sends_what_was_still_waiting_as_it_is({ signIn }) {
  const { api, expire, faults, stats } = await signIn({ unauthorized: 'return' });
  await expire();
  await faults({ delay: 300, status: 401 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  const [guarded, open] = [api.fetch('/test/echo'), api.fetch('/test/open')];
  equal([(await first).status, (await guarded).status, (await open).status], [401, 401, 200], 'the statuses');
  equal((await guarded.then((response) => response.json())).error, 'token_missing', 'the body');
}

export async function tokens_that_appear_during_a_refused_refresh_are_adopted({ signIn }) {
  const { api, expire, faults, stats, store, stored, signedOut, heard } = await signIn();
  const next = await signIn();
  await expire();
  await faults({ delay: 300, status: 401 });
  const response = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  store(next.accessToken, next.refreshToken);
  equal((await response).status, 200, 'the replay');
  equal(stored(), { access: next.accessToken, refresh: next.refreshToken }, 'the storage');
  equal((await next.attempts()).length, 1, 'requests with the new token');
  equal([signedOut.length, heard().includes('signedOut')], [0, false], 'whether the session is over');
}

export async function signing_out_never_navigates_when_already_at_the_login_page({ signIn, createApi, server }) {
  const { keys, expire, revoke } = await signIn();
  await expire();
  await revoke();
  let left = false;
  addEventListener('beforeunload', () => { left = true; });
  const loginURL = `${location.pathname}?from=here`;
  const api = createApi({ baseURL: `${server}/api`, ...keys, loginURL, returnTo: 'next' });
  await rejection(api.fetch('/test/echo'));
  await rejection(api.fetch('/test/echo'));
  await until(() => true, 'a turn');
  equal(left, false, 'whether the page was left');
}

export async function a_first_visit_tries_one_refresh_only({ signIn, SignInRequiredError }) {
  // Without any token there may still be an HttpOnly cookie.
  const { create, revoke, stats } = await signIn({ credentials: 'include' }, { style: 'cookie' });
  const api = create({ accessTokenKey: 'a first visit', refreshTokenKey: 'nothing either' });
  await revoke();
  await Promise.all(times(5, () => rejection(api.fetch('/test/echo'), SignInRequiredError)));
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  equal((await stats()).refreshes, 1, 'refreshes');
}

const BODIES = {
  'a page': { body: '<html>no</html>', type: 'text/html' },
  'a page of no type': { body: '<!DOCTYPE html><p>no', type: 'text/plain' },
  'JSON': { body: '{"error":"invalid_grant"}' },
  'JSON of a throttle': { body: '{"__type":"TooManyRequestsException"}' },
  'JSON of an outage': { body: '{"error":"temporarily_unavailable"}' },
  'an envelope of 503': { body: '{"code":503}' },
  'text': { body: 'no', type: 'text/plain' },
  'nothing': { body: '', type: 'text/plain' },
};

/** Returns true if the session is over, by the rule and not by the code. */
function isOver(status, how) {
  const isPage = how.startsWith('a page');
  if (status < 300) return how === 'JSON';
  if (how === 'JSON of a throttle' || how === 'JSON of an outage') return false;
  if ([400, 401, 422].includes(status)) return true;
  return !isPage && [403, 404, 410, 418].includes(status);
}

export async function each_status_type_and_body_has_its_verdict({ signIn, SignInRequiredError, RefreshUnavailableError }) {
  // Chromium fails a 407 itself, and sends again what got a 408 or a 421.
  const statuses = [200, 201, 400, 401, 403, 404, 405, 409, 410, 418, 422, 423, 424, 425, 429, 500, 503];
  await Promise.all(Object.entries(BODIES).map(async ([how, fault]) => {
    for (const status of statuses) {
      const { api, expire, faults, stored, refreshToken } = await signIn({ refreshRetries: 0 });
      await expire();
      await faults({ ...fault, status });
      const expected = isOver(status, how) ? SignInRequiredError : RefreshUnavailableError;
      const { cause } = await rejection(api.fetch('/test/echo'), expected, `${status} with ${how}`);
      equal([cause.status, stored().refresh], [status, isOver(status, how) ? null : refreshToken], `${status} with ${how}`);
    }
  }));
}

export async function an_optional_request_gets_its_own_401_and_leads_nowhere({ signIn, createApi, server }) {
  const { api, revoke, signedOut, stats, heard } = await signIn();
  equal((await api.fetch('/test/echo', { auth: 'optional' })).status, 200, 'with a token');
  await revoke();
  equal((await api.fetch('/test/echo', { auth: 'optional' })).status, 401, 'when the refresh is refused');
  equal((await api.fetch('/test/echo', { auth: 'optional' })).status, 401, 'when the session is over');
  await until(() => heard().length > 0, 'the event');
  equal([signedOut.length, (await stats()).refreshes], [0, 1], 'navigations and refreshes');
  await rejection(api.fetch('/test/echo'));
  await until(() => signedOut.length > 0, 'whoever needs a session is led to the login page');

  const asked = [];
  const visitor = createApi({
    baseURL: `${server}/api`, accessTokenKey: 'none', refreshTokenKey: 'none either', refresh: async () => { asked.push(1); throw new Error('x'); },
  });
  equal((await visitor.fetch('/test/echo', { auth: 'optional' })).status, 401, 'of a visitor');
  equal(asked, [], 'refreshes of a visitor');
  check((await rejection(visitor.fetch('/test/echo', { auth: 'maybe' }))) instanceof TypeError, 'a wrong `auth`');
}
