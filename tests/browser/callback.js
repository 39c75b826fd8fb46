// A `refresh` function of the application's own (rules 3.4, 3.6 and 3.9).

import { check, equal, rejection, same } from './expect.js';
import { duration, pause } from './support.js';

const SOON = { retryDelay: 5, coolDown: 50, refreshRetries: 0 };

const post = (server, refreshToken) => [`${server}/api/refresh-token`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ refreshToken }),
}];

export async function it_is_given_the_refresh_token_a_signal_and_the_fetch_underneath({ signIn, server }) {
  const contexts = [];
  const underneath = (...args) => fetch(...args);
  const refresh = async (context) => {
    contexts.push(context);
    return (await context.fetch(...post(server, context.refreshToken))).json();
  };
  const { api, expire, stats, stored, refreshToken } = await signIn({ refresh, fetch: underneath });
  await expire();
  const responses = await Promise.all(Array.from({ length: 20 }, () => api.fetch('/test/echo')));
  equal(responses.every(({ status }) => status === 200), true, 'whether all came through');
  const [context, ...more] = contexts;
  equal([Object.keys(context).sort(), more.length], [['accessToken', 'fetch', 'refreshToken', 'signal'], 0], 'the context, and calls');
  equal(context.refreshToken, refreshToken, 'the refresh token');
  check(context.signal instanceof AbortSignal && !context.signal.aborted, 'the signal');
  same(context.fetch, underneath, 'the fetch');
  equal(stored().refresh === refreshToken, false, 'whether the old refresh token is still there');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function the_fetch_it_is_given_needs_no_this({ signIn, server }) {
  const refresh = async ({ refreshToken, fetch: bare }) => (await bare(...post(server, refreshToken))).json();
  const { api, expire } = await signIn({ refresh });
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
}

export async function it_may_answer_in_any_of_the_spellings_at_once_or_later({ signIn }) {
  const next = await signIn();
  const { accessToken, refreshToken } = next;
  for (const tokens of [
    { accessToken, refreshToken },
    { access_token: accessToken, refresh_token: refreshToken, expires_in: 60 },
    { code: 0, data: { accessToken, refreshToken, expiresIn: 60 } },
    Promise.resolve({ accessToken }),
  ]) {
    const { api, expire, stored, refreshToken: before } = await signIn({ refresh: () => tokens });
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'the status');
    const rotated = tokens instanceof Promise ? before : refreshToken;
    equal(stored(), { access: accessToken, refresh: rotated }, 'the storage');
  }
}

export async function a_sign_in_required_error_ends_the_session({ signIn, SignInRequiredError }) {
  const own = new SignInRequiredError('gone');
  const coded = Object.assign(new Error('of another copy of the module'), { code: 'SIGN_IN_REQUIRED' });
  for (const cause of [own, coded, { code: 'SIGN_IN_REQUIRED' }]) {
    const sync = () => { throw cause; };
    const { api, expire, stored, signedOut } = await signIn({ refresh: cause === own ? sync : async () => sync() });
    await expire();
    const error = await rejection(api.fetch('/test/echo'), SignInRequiredError);
    same(error.cause, cause, 'the cause');
    equal([stored(), signedOut.length], [{ access: null, refresh: null }, 1], 'the storage, and onSignedOut');
  }
}

export async function anything_else_that_it_throws_is_an_outage({ signIn, RefreshUnavailableError }) {
  for (const cause of [new TypeError('Failed to fetch'), 'a string', undefined, null, 42, new DOMException('x', 'AbortError')]) {
    let calls = 0;
    const refresh = async () => {
      calls += 1;
      await pause(50);
      throw cause;
    };
    const { api, expire, stored, accessToken, signedOut } = await signIn({ ...SOON, refresh, refreshRetries: 1 });
    await expire();
    const waiters = [api.fetch('/test/echo'), api.fetch('/test/echo')];
    const error = await rejection(waiters[0], RefreshUnavailableError);
    same(await rejection(waiters[1]), error, 'the error of the other waiter');
    same(error.cause, cause, 'the cause');
    equal([calls, stored().access, signedOut.length], [2, accessToken, 0], 'calls, the token, and onSignedOut');
  }
}

export async function nonsense_is_an_outage_that_says_what_was_expected({ signIn, RefreshUnavailableError }) {
  for (const nonsense of [undefined, null, '', 'a token', 42, {}, [], { accessToken: '' }, { accessToken: 7 }, { data: null },
    { accessToken: 'line\nbreak' }, new Response('{}'), () => {}]) {
    const { api, expire, stored, accessToken } = await signIn({ ...SOON, refresh: () => nonsense });
    await expire();
    const { cause } = await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
    check(cause instanceof TypeError && cause.message.includes('accessToken'), `the cause: ${cause}`);
    equal(stored().access, accessToken, 'the token');
  }
}

export async function one_that_never_returns_is_ended_by_refresh_timeout({ signIn, RefreshUnavailableError }) {
  const signals = [];
  const refresh = ({ signal }) => { signals.push(signal); return new Promise(() => {}); };
  const { api, expire } = await signIn({ ...SOON, refresh, refreshTimeout: 150 });
  await expire();
  const waiter = api.fetch('/test/echo');
  check(await duration(waiter) < 1500, 'it ends');
  await rejection(waiter, RefreshUnavailableError);
  equal(signals.map(({ aborted }) => aborted), [false], 'whether the signal is aborted at once');
  await pause(400);
  equal(signals.map(({ aborted }) => aborted), [true], 'whether the signal is aborted after three times as long');
}

export async function one_that_calls_the_api_is_ended_with_a_hint({ signIn, RefreshUnavailableError }) {
  let api;
  const refresh = async () => (await api.fetch('/refresh-token', { method: 'POST' })).json();
  const session = await signIn({ ...SOON, refresh, refreshTimeout: 200 });
  api = session.api;
  await session.expire();
  const waiter = api.fetch('/test/echo');
  check(await duration(waiter) < 1500, 'it ends');
  const { message } = await rejection(waiter, RefreshUnavailableError);
  check(message.includes('refreshTimeout') && message.includes('fetch that it is given'), message);
  await pause(100);
  const { accessToken } = await signIn();
  session.store(accessToken, null);
  equal((await api.fetch('/test/echo')).status, 200, 'the api works on');
}

export async function one_that_comes_back_too_late_changes_nothing({ signIn, RefreshUnavailableError }) {
  const next = await signIn();
  const refresh = async () => { await pause(400); return { accessToken: next.accessToken }; };
  const { api, expire, stored, accessToken } = await signIn({ ...SOON, refresh, refreshTimeout: 100 });
  await expire();
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  await pause(500);
  equal(stored().access, accessToken, 'the token');
}

export async function one_that_comes_back_late_is_not_called_in_vain({ signIn, RefreshUnavailableError }) {
  const next = await signIn();
  let calls = 0;
  const refresh = async () => {
    calls += 1;
    await pause(400);
    return { accessToken: next.accessToken };
  };
  const { api, expire } = await signIn({ ...SOON, refresh, refreshTimeout: 200 });
  await expire();
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  const { retryAfter } = await rejection(api.refresh(), RefreshUnavailableError);
  check(retryAfter > 0, `retryAfter is ${retryAfter}`);
  await pause(350);
  equal(await api.getAccessToken(), next.accessToken, 'the token');
  equal(calls, 1, 'calls');
}
