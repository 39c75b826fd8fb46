// The refresh cannot be done now: nobody is signed out (rules 3.6 and 3.8).

import { check, equal, rejection, same } from './expect.js';
import { duration, pause, until } from './support.js';

const SOON = { retryDelay: 10, coolDown: 400, refreshTimeout: 3000 };

const times = (count, act) => Array.from({ length: count }, (_, n) => act(n));

const OUTAGES = {
  'a 503': { status: 503 },
  'a 500': { status: 500, body: '{"error":"invalid_grant"}' },
  'a 408': { status: 408 },
  'a 425': { status: 425 },
  'a 429': { status: 429 },
  'a page with 200': { body: '<html>Sign in to the Wi-Fi</html>', type: 'text/html' },
  'JSON that breaks off': { body: '{"accessToken":"abc', type: 'application/json' },
  'an empty 200': { body: '' },
  'an envelope of 503': { body: '{"code":503,"message":"later"}' },
  'an envelope of 429': { body: '{"code":429}' },
};

export async function all_waiters_get_one_error_and_the_tokens_stay({ signIn, RefreshUnavailableError }) {
  for (const [how, fault] of Object.entries(OUTAGES)) {
    const { api, create, expire, faults, stats, stored, accessToken, refreshToken, signedOut, events } = await signIn(SOON);
    await expire();
    // Chromium itself sends a request again that a kept connection answers with a 408.
    await faults({ delay: 300, ...fault }, ...times(fault.status === 408 ? 40 : 2, () => fault));
    const waiters = times(10, (n) => (n % 2 ? api : create()).fetch('/test/echo'));
    const [error, ...others] = await Promise.all(waiters.map((waiter) => rejection(waiter, RefreshUnavailableError, how)));
    for (const other of others) same(other, error, `${how}: the error of another waiter`);
    equal([error.code, error.name], ['REFRESH_UNAVAILABLE', 'RefreshUnavailableError'], how);
    check(error.retryAfter > 0 && error.retryAfter <= SOON.coolDown, `${how}: retryAfter is ${error.retryAfter}`);
    equal(stored(), { access: accessToken, refresh: refreshToken }, `${how}: the storage`);
    const { refreshes, rotations, attempts } = await stats();
    equal([rotations, attempts.length], [0, 10], `${how}: rotations and attempts`);
    if (fault.status !== 408) equal(refreshes, 3, `${how}: refreshes`);
    await until(() => events.length > 0, 'the event');
    equal([events.length, events[0].type, signedOut.length], [1, 'refreshUnavailable', 0], `${how}: events`);
    same(events[0].error, error, `${how}: the error of the event`);
  }
}

export async function a_retry_that_succeeds_is_all_that_anybody_notices({ signIn }) {
  const { api, expire, faults, stats } = await signIn({ ...SOON });
  await expire();
  await faults({ status: 503 }, { body: 'no JSON', type: 'text/plain' });
  const responses = await Promise.all(times(5, () => api.fetch('/test/echo')));
  equal(responses.map(({ status }) => status), [200, 200, 200, 200, 200], 'the statuses');
  const { refreshes, rotations } = await stats();
  equal([refreshes, rotations], [3, 1], 'refreshes and rotations');
}

export async function the_number_of_retries_can_be_chosen({ signIn }) {
  for (const refreshRetries of [0, 1, 4]) {
    const { api, expire, faults, stats } = await signIn({ ...SOON, refreshRetries });
    await expire();
    await faults(...times(6, () => ({ status: 503 })));
    await rejection(api.fetch('/test/echo'));
    equal((await stats()).refreshes, refreshRetries + 1, 'refreshes');
  }
}

export async function a_retry_after_is_waited_for({ signIn }) {
  // A date has whole seconds: two to three from when it is written.
  for (const inTime of [() => 1, () => new Date(Date.now() + 3000).toUTCString()]) {
    const { api, expire, faults, stats } = await signIn(SOON);
    await expire();
    const retryAfter = inTime();
    await faults({ status: 429, retryAfter });
    const response = api.fetch('/test/echo');
    const took = await duration(response);
    equal([(await response).status, (await stats()).refreshes], [200, 2], 'the status, and refreshes');
    check(took > 950 && took < 3500, `it took ${took} ms with Retry-After: ${retryAfter}`);
  }
}

export async function a_retry_after_beyond_the_bound_is_told_and_not_waited_for({ signIn, RefreshUnavailableError }) {
  const { api, expire, faults, stats } = await signIn({ ...SOON, maxRetryAfter: 2000 });
  await expire();
  await faults({ status: 503, retryAfter: 3600 });
  const response = api.fetch('/test/echo');
  check(await duration(response) < 1000, 'it rejects at once');
  const { retryAfter } = await rejection(response, RefreshUnavailableError);
  equal(retryAfter, 3_600_000, 'what the server said');
  await pause(SOON.coolDown + 100);
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  equal((await stats()).refreshes, 1, 'refreshes: the server is left alone for longer than the cool-down');
}

export async function a_dropped_connection_is_an_outage_and_its_error_the_cause({ signIn, RefreshUnavailableError }) {
  const { api, expire, faults, stored, accessToken } = await signIn({ ...SOON, coolDown: 50, refreshRetries: 0 });
  await expire();
  // A browser may send a request anew whose connection broke; Firefox does so nine times.
  await faults(...times(20, () => ({ drop: true })));
  const error = await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  check(error.cause instanceof TypeError, `the cause: ${error.cause}`);
  equal(stored().access, accessToken, 'the token');
}

export async function a_server_that_hangs_is_left_after_refresh_timeout({ signIn, RefreshUnavailableError }) {
  const { api, expire, faults, stats } = await signIn({ ...SOON, refreshTimeout: 150, refreshRetries: 1 });
  await expire();
  await faults({ hang: true });
  const waiters = [api.fetch('/test/echo'), api.fetch('/test/echo')];
  const took = await duration(Promise.allSettled(waiters));
  check(took >= 145 && took < 2000, `it took ${took} ms`);
  same(await rejection(waiters[1]), await rejection(waiters[0], RefreshUnavailableError), 'the error');
  equal((await stats()).refreshes, 1, 'refreshes: the answer may still come');
  await pause(SOON.coolDown + 100);
  equal((await api.fetch('/test/echo')).status, 200, 'afterwards');
}

export async function a_cool_down_rejects_at_once_and_then_it_works_again({ signIn, RefreshUnavailableError }) {
  const { api, create, expire, faults, stats } = await signIn({ ...SOON, refreshRetries: 0, coolDown: 1200 });
  await expire();
  await faults({ status: 503 });
  const { retryAfter } = await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  check(retryAfter >= 600 && retryAfter <= 1200, `retryAfter is ${retryAfter}`);
  await pause(100);
  for (const one of [api, create()]) {
    const error = await rejection(one.fetch('/test/echo'), RefreshUnavailableError);
    check(error.retryAfter > 0 && error.retryAfter <= retryAfter - 90, `then it is ${error.retryAfter}`);
  }
  equal((await stats()).refreshes, 1, 'refreshes');
  equal((await api.fetch('/test/open')).status, 200, 'what needs no token');
  await pause(retryAfter);
  equal((await api.fetch('/test/echo')).status, 200, 'after the cool-down');
  const { refreshes, rotations } = await stats();
  equal([refreshes, rotations], [2, 1], 'refreshes and rotations');
}

export async function a_cool_down_grows_with_each_outage_and_ends_with_a_success({ signIn }) {
  const { api, expire, faults } = await signIn({ ...SOON, refreshRetries: 0, coolDown: 100 });
  const outage = async () => {
    await expire();
    await faults({ status: 503 });
    const { retryAfter } = await rejection(api.fetch('/test/echo'));
    await pause(retryAfter + 5);
    return retryAfter;
  };
  // Half of each range is chance.
  for (const longest of [100, 200, 400]) {
    const retryAfter = await outage();
    check(retryAfter >= longest / 2 && retryAfter <= longest, `${retryAfter} of ${longest}`);
  }
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  check(await outage() <= 100, 'it is short again');
}

export async function a_refresh_by_hand_does_not_wait_for_the_cool_down({ signIn }) {
  const { api, expire, faults, stats } = await signIn({ ...SOON, refreshRetries: 0, coolDown: 60_000 });
  await expire();
  await faults({ status: 503 });
  await rejection(api.fetch('/test/echo'));
  await api.refresh();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  equal((await stats()).refreshes, 2, 'refreshes');
}

export async function a_hundred_waiters_in_an_outage_cost_one_refresh({ signIn }) {
  const { api, expire, faults, stats } = await signIn({ ...SOON, refreshRetries: 0, coolDown: 5000 });
  await expire();
  await faults({ status: 503 }, { status: 503 });
  const responses = times(100, (n) => api.fetch('/test/echo', { method: 'POST', body: `${n}` }));
  await Promise.all(responses.map((response) => rejection(response)));
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function a_spent_refresh_token_is_presented_again_only_by_a_retry({ signIn, SignInRequiredError }) {
  // The answer of the rotation is lost: nobody can save this session, but it must end cleanly.
  const { api, expire, faults, stats } = await signIn({ ...SOON, refreshRetries: 1 });
  await expire();
  await faults({ spend: true, status: 503 });
  await rejection(api.fetch('/test/echo'), SignInRequiredError);
  const { refreshes, reuses } = await stats();
  equal([refreshes, reuses], [2, 1], 'refreshes and reuses');
}
