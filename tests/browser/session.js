// Sessions begin and end (rules 4.1 and 4.3).

import { check, equal, rejection, same } from './expect.js';
import { duration, during, pause, until } from './support.js';

const inFlight = ({ stats }) => until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');

export async function sign_in_stores_the_tokens_and_requests_use_them({ signIn }) {
  const { api, accessToken, refreshToken, store, stored, heard } = await signIn();
  store(null, null);
  equal(await api.signIn({ accessToken, refreshToken }), undefined, 'what it resolves to');
  equal(stored(), { access: accessToken, refresh: refreshToken }, 'the storage');
  equal([(await api.fetch('/test/echo')).status, await api.getAccessToken()], [200, accessToken], 'status and token');
  await until(() => heard().length > 1, 'the events');
  equal(heard(), ['signedOut', 'sessionChanged'], 'events');
  await api.signIn({ accessToken });
  equal(stored(), { access: accessToken, refresh: null }, 'without a refresh token');
}

export async function sign_out_removes_the_tokens_and_does_not_navigate({ signIn, SignInRequiredError }) {
  const { api, stored, events, signedOut, stats, store } = await signIn();
  equal((await api.fetch('/test/echo')).status, 200, 'before');
  equal(await api.signOut(), undefined, 'what it resolves to');
  equal(stored(), { access: null, refresh: null }, 'the storage');
  await until(() => events.length > 0, 'the event');
  equal([events, signedOut], [[{ type: 'signedOut', reason: 'signOut' }], []], 'events and navigations');
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  equal((await stats()).refreshes, 0, 'refreshes');
  equal([await api.getAccessToken(), (await api.fetch('/test/open')).status], [null, 200], 'the token, and a request without');
  const next = await signIn();
  store(null, next.refreshToken);
  equal((await api.fetch('/test/echo')).status, 200, 'when a refresh token has appeared');
}

export async function sign_out_tells_the_server_once_with_the_tokens_there_were({ signIn, server }) {
  for (const style of ['body', 'cookie']) {
    const { api, refreshToken, stored } = await signIn({ signOutURL: '/sign-out', credentials: 'include' }, { style });
    equal((await api.fetch('/test/echo')).status, 200, 'before');
    const sent = [];
    const { fetch } = globalThis;
    await during(globalThis, 'fetch', { value: (...args) => { sent.push(args[0]); return fetch(...args); } }, async () => {
      await Promise.all([api.signOut(), api.signOut()]);
    });
    equal([stored(), sent], [{ access: null, refresh: null }, [`${server}/api/sign-out`]], `the storage and requests, ${style}`);
    const body = refreshToken && JSON.stringify({ refreshToken });
    const headers = { 'Content-Type': 'application/json' };
    const refresh = await fetch(`${server}/api/refresh-token`, { method: 'POST', credentials: 'include', headers, body: body ?? '{}' });
    equal(refresh.status, 401, `a refresh afterwards, ${style}`);
  }
}

export async function a_server_that_cannot_be_told_holds_up_no_sign_out({ signIn }) {
  for (const fetch of [async () => { throw new TypeError('offline'); }, () => new Promise(() => {})]) {
    const { api, create, stored, events } = await signIn({ signOutURL: '/sign-out', refreshTimeout: 200 });
    const took = duration(create({ fetch }).signOut());
    equal(stored(), { access: null, refresh: null }, 'the storage, at once');
    check(await took < 1500, 'it took longer than a refresh may');
    await until(() => events.length > 0, 'the event');
    equal(await api.getAccessToken(), null, 'the token');
  }
}

export async function a_flight_of_an_ended_session_stores_nothing({ signIn, SessionChangedError }) {
  const session = await signIn();
  const { api, expire, faults, stored, stats, heard } = session;
  await expire();
  await faults({ delay: 300 });
  const waiters = ['one', 'two'].map((body) => api.fetch('/test/echo', { method: 'POST', body }));
  await until(async () => (await stats()).unauthorized === 2, 'both were refused');
  await inFlight(session);
  waiters.push(api.fetch('/test/echo'));
  await api.signOut();
  for (const waiter of waiters) equal((await rejection(waiter, SessionChangedError)).code, 'SESSION_CHANGED', 'the code');
  await until(async () => (await stats()).rotations === 1, 'the server has answered');
  await pause(50);
  equal(stored(), { access: null, refresh: null }, 'the storage');
  equal([(await stats()).attempts.length, heard()], [2, ['signedOut']], 'attempts and events');
}

export async function a_request_of_one_session_is_never_replayed_under_the_next({ signIn, SessionChangedError }) {
  for (const user of ['bob', 'eve']) {
    const session = await signIn();
    const { api, expire, faults, stored } = session;
    const next = await signIn({}, { user });
    await expire();
    await faults({ delay: 300 });
    const left = api.fetch('/test/echo', { method: 'POST', body: 'of the first session' });
    await inFlight(session);
    await api.signIn({ accessToken: next.accessToken, refreshToken: next.refreshToken });
    await rejection(left, SessionChangedError);
    equal((await api.fetch('/test/echo')).status, 200, 'a request of the new session');
    await pause(350);
    equal(stored(), { access: next.accessToken, refresh: next.refreshToken }, 'the storage');
    equal((await next.attempts()).map(({ length }) => length), [0], 'what arrived under the new session');
  }
}

export async function a_401_that_comes_after_the_session_changed_is_not_replayed({ signIn, SessionChangedError }) {
  const { api, expire, stats } = await signIn();
  const next = await signIn({}, { user: 'bob' });
  await expire();
  const late = api.fetch('/test/slow-401?ms=300');
  await pause(100);
  await api.signIn({ accessToken: next.accessToken, refreshToken: next.refreshToken });
  await rejection(late, SessionChangedError);
  equal([(await stats()).refreshes, (await next.stats()).refreshes], [0, 0], 'refreshes');
}

export async function the_token_of_another_user_is_another_session_however_it_came({ signIn, SessionChangedError }) {
  const session = await signIn();
  const { api, expire, faults, store, stored, heard } = session;
  const next = await signIn({}, { user: 'bob' });
  equal((await api.fetch('/test/echo')).status, 200, 'the first user');
  await expire();
  await faults({ delay: 300 });
  const left = api.fetch('/test/echo');
  await inFlight(session);
  store(next.accessToken, next.refreshToken);
  await rejection(left, SessionChangedError);
  equal(stored(), { access: next.accessToken, refresh: next.refreshToken }, 'the storage');
  equal((await api.fetch('/test/echo')).status, 200, 'the second user');
  equal((await next.attempts()).length, 1, 'attempts of the second user');
  await until(() => heard().includes('sessionChanged'), 'the event');
}

export async function tokens_that_app_code_removes_end_the_session({ signIn, SignInRequiredError }) {
  const session = await signIn();
  const { api, expire, faults, store, stored, events } = session;
  await api.fetch('/test/echo');
  await expire();
  await faults({ delay: 300 });
  const left = api.fetch('/test/echo');
  await inFlight(session);
  store(null, null);
  await rejection(left, SignInRequiredError);
  await pause(50);
  equal(stored(), { access: null, refresh: null }, 'the storage');
  await until(() => events.length > 0, 'the event');
  equal(events, [{ type: 'signedOut', reason: 'signOut' }], 'events');
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
}

export async function the_access_token_alone_may_go_and_come_back({ signIn }) {
  const { api, store, stored, refreshToken, stats, heard } = await signIn();
  await api.fetch('/test/echo');
  store(null, refreshToken);
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  equal([stored().access === null, (await stats()).refreshes, heard()], [false, 1, ['tokenRefreshed']], 'the token, refreshes and events');
}

export async function signing_in_again_after_a_refusal_works_at_once({ signIn, SignInRequiredError }) {
  const { api, revoke, heard } = await signIn();
  await revoke();
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  const next = await signIn();
  await api.signIn({ accessToken: next.accessToken, refreshToken: next.refreshToken });
  equal((await api.fetch('/test/echo')).status, 200, 'a request of the new session');
  await next.expire();
  equal((await api.fetch('/test/echo')).status, 200, 'after a refresh');
  await until(() => heard().length === 3, 'the events');
  equal(heard(), ['signedOut', 'sessionChanged', 'tokenRefreshed'], 'events');
}

export async function a_flight_that_was_left_behind_does_not_hold_up_the_next({ signIn, SessionChangedError }) {
  const session = await signIn();
  const { api, expire, faults } = session;
  await expire();
  await faults({ delay: 1500 });
  const left = api.fetch('/test/echo');
  await inFlight(session);
  const next = await signIn({}, { user: 'bob' });
  await api.signIn({ accessToken: next.accessToken, refreshToken: next.refreshToken });
  await next.expire();
  let landed = false;
  left.catch(() => { landed = true; });
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  same((await next.stats()).refreshes, 1, 'refreshes of the new session');
  await rejection(left, SessionChangedError);
  equal(landed, true, 'the one of the old session settles too');
}

export async function newer_tokens_of_the_same_user_are_no_new_session({ signIn }) {
  for (const how of ['signIn', 'setTokens']) {
    const { api, keys, expire, faults, heard } = await signIn();
    const again = await signIn({}, { user: 'ada' });
    await expire();
    await faults({ delay: 300 });
    const waiting = api.fetch('/test/echo');
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    await api[how]({ accessToken: again.accessToken, refreshToken: again.refreshToken });
    equal((await waiting).status, 200, `${how}: what was waiting`);
    equal((await api.fetch('/test/echo')).status, 200, `${how}: the next one`);
    equal(localStorage.getItem(keys.refreshTokenKey), again.refreshToken, `${how}: the refresh token`);
    check(!heard().includes('sessionChanged') && heard().includes('tokenRefreshed'), `${how}: ${heard()}`);
  }
}
