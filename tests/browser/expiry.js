// The token is refreshed before it ends (rules 3.10 and 5.1).

import { check, equal, rejection } from './expect.js';
import { jwt, loadPage, tokenServer } from './mint.js';
import { during, pause, until } from './support.js';

const HOUR = 3_600_000;

/** Runs `act` while the wall clock is off by `ms`. */
function clockOff(ms, act) {
  const { now } = Date;
  return during(Date, 'now', { value: () => now() + ms, writable: true }, act);
}

/** Sends requests one after the other, and returns their statuses. */
async function sendInTurn(api, count, gap = 0) {
  const statuses = [];
  for (let n = 0; n < count; n += 1) {
    statuses.push((await api.fetch('/echo')).status);
    await pause(gap);
  }
  return statuses;
}

const all200 = (count) => Array.from({ length: count }, () => 200);

export async function a_token_that_is_about_to_end_is_refreshed_before_the_request_goes_out({ signIn }) {
  const { api, stats } = await signIn({}, { ttl: 2 });
  equal((await api.fetch('/test/echo')).status, 200, 'at first');
  await pause(2500);
  const responses = await Promise.all(all200(5).map(() => api.fetch('/test/echo')));
  equal(responses.map(({ status }) => status), all200(5), 'the statuses');
  const { refreshes, unauthorized } = await stats();
  equal([refreshes, unauthorized], [1, 0], 'refreshes and 401s');
}

export async function it_is_refreshed_while_it_is_still_good({ createApi }) {
  const server = tokenServer({ ttl: 120 });
  const token = server.mint(25);
  const { api } = loadPage(createApi, server, token);
  const response = await api.fetch('/echo');
  equal([server.counts.refreshes, server.counts.unauthorized], [1, 0], 'refreshes and 401s');
  check(await response.text() !== token, 'it goes out with the new token');
  equal(await sendInTurn(api, 5), all200(5), 'the statuses');
  equal(server.counts.refreshes, 1, 'refreshes');
}

export async function refresh_ahead_can_be_chosen({ createApi }) {
  const server = tokenServer({ ttl: 3600 });
  const cases = [[200, 300, 1], [400, 300, 0], [20, 10, 0], [29, undefined, 1], [31, undefined, 0]];
  for (const [left, refreshAhead, refreshes] of cases) {
    const before = server.counts.refreshes;
    const { api } = loadPage(createApi, server, server.mint(left), { refreshAhead });
    await api.fetch('/echo');
    equal(server.counts.refreshes - before, refreshes, `refreshes, ${left} s left, refreshAhead: ${refreshAhead}`);
  }
}

export async function never_more_than_a_quarter_of_the_lifetime_early({ createApi }) {
  for (const opaque of [false, true]) {
    const server = tokenServer({ ttl: 4, opaque });
    const { api } = loadPage(createApi, server, 'none');
    await api.signIn({ accessToken: server.mint(), expiresIn: 4 });
    const began = performance.now();
    while (performance.now() < began + 2700) await sendInTurn(api, 1, 100);
    equal(server.counts.refreshes, 0, 'refreshes in the first three quarters');
    await pause(Math.max(0, began + 3150 - performance.now()));
    equal(await sendInTurn(api, 10), all200(10), 'the statuses in the last quarter');
    equal([server.counts.refreshes, server.counts.unauthorized], [1, 0], 'refreshes and 401s then');
  }
}

export async function the_expires_in_of_an_answer_counts({ createApi }) {
  const server = tokenServer({ ttl: 2, opaque: true });
  const { api } = loadPage(createApi, server, 'spent');
  equal(await sendInTurn(api, 1), [200], 'the first one');
  equal([server.counts.refreshes, server.counts.unauthorized], [1, 1], 'refreshes and 401s at first');
  await pause(2100);
  equal(await sendInTurn(api, 5), all200(5), 'the statuses');
  equal([server.counts.refreshes, server.counts.unauthorized], [2, 1], 'refreshes and 401s');
}

export async function a_token_that_does_not_say_how_long_it_lives_is_never_refreshed_ahead({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  const [soon, ago] = [Date.now() / 1000 + 1, Date.now() / 1000 - 600];
  const opaque = [
    'opaque', jwt({ exp: soon }), jwt({ iat: ago }), jwt({ iat: soon, exp: ago }), jwt({ iat: soon, exp: soon }),
    jwt({ iat: `${ago}`, exp: `${soon}` }), jwt({ iat: null, exp: {} }), jwt([ago, soon]), jwt(null), 'a.b.c', '..',
  ];
  for (const token of opaque) {
    const sent = [];
    const fetch = async (_url, { headers }) => {
      sent.push(new Headers(headers).get('Authorization'));
      return new Response();
    };
    const { api } = loadPage(createApi, server, token, { fetch });
    await sendInTurn(api, 3);
    equal([sent, server.counts.refreshes], [all200(3).map(() => `Bearer ${token}`), 0], `what was sent for ${token}`);
    equal(await api.getAccessToken({ minValidity: 60 }), token, 'getAccessToken');
  }
}

export async function a_clock_that_is_an_hour_ahead_costs_one_refresh_at_most({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  await clockOff(HOUR, async () => {
    const { api } = loadPage(createApi, server, server.mint(500));
    equal(await sendInTurn(api, 20), all200(20), 'the statuses');
    check(server.counts.refreshes <= 1, `${server.counts.refreshes} refreshes`);
    equal(server.counts.unauthorized, 0, '401s');
    server.expire();
    equal(await sendInTurn(api, 20), all200(20), 'the statuses after an expiry');
  });
  const { refreshes, unauthorized } = server.counts;
  check(refreshes <= 2 && unauthorized === 1, `${refreshes} refreshes and ${unauthorized} 401s`);
}

export async function a_clock_that_is_an_hour_behind_costs_one_401_at_most({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  await clockOff(-HOUR, async () => {
    const { api } = loadPage(createApi, server, server.mint(0.3));
    equal(await sendInTurn(api, 20, 40), all200(20), 'the statuses');
  });
  const { refreshes, unauthorized } = server.counts;
  equal([refreshes, unauthorized], [1, 1], 'refreshes and 401s');
}

export async function a_clock_that_jumps_while_the_page_runs_changes_nothing({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  const { api } = loadPage(createApi, server, server.mint(500));
  await api.fetch('/echo');
  for (const jump of [HOUR, -HOUR, 1000 * HOUR, -1000 * HOUR]) {
    equal(await clockOff(jump, () => sendInTurn(api, 5)), all200(5), 'the statuses');
  }
  await api.refresh();
  for (const jump of [HOUR, -HOUR]) equal(await clockOff(jump, () => sendInTurn(api, 5)), all200(5), 'the statuses');
  equal([server.counts.refreshes, server.counts.unauthorized], [1, 0], 'refreshes and 401s');
}

export async function refresh_ahead_0_leaves_a_token_alone_until_its_end({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  const { api } = loadPage(createApi, server, server.mint(1), { refreshAhead: 0 });
  equal(await sendInTurn(api, 5, 10), all200(5), 'before the end');
  equal(server.counts.refreshes, 0, 'refreshes');
  await pause(1050);
  equal(await sendInTurn(api, 5), all200(5), 'after the end');
  equal(server.counts.refreshes, 1, 'refreshes then');
}

export async function an_outage_ahead_of_the_end_keeps_no_request_from_going_out(world) {
  const { createApi, RefreshUnavailableError } = world;
  const server = tokenServer({ ttl: 600 });
  server.faults.push(...Array.from({ length: 9 }, () => new Error('no network')));
  const { api, heard } = loadPage(createApi, server, server.mint(2), { refreshRetries: 0, coolDown: 60_000 });
  const first = await Promise.all(Array.from({ length: 5 }, () => api.fetch('/echo')));
  equal(first.map(({ status }) => status), all200(5), 'the statuses');
  equal(await sendInTurn(api, 5), all200(5), 'the next ones');
  equal([server.counts.refreshes, server.counts.unauthorized], [1, 0], 'refreshes and 401s');
  await until(() => heard.length > 0, 'the event');
  equal(heard, ['refreshUnavailable'], 'events');
  await pause(2000);
  await rejection(api.fetch('/echo'), RefreshUnavailableError, 'when the token has ended');
}

export async function a_refusal_ahead_of_the_end_signs_nobody_out_before_a_401(world) {
  const { createApi, SignInRequiredError } = world;
  const server = tokenServer({ ttl: 600 });
  const refused = () => new SignInRequiredError('revoked');
  server.faults.push(refused(), refused());
  const { api, heard, signedOut, stored } = loadPage(createApi, server, server.mint(5));
  const token = stored();
  equal(await sendInTurn(api, 10), all200(10), 'the statuses');
  equal([server.counts.refreshes, signedOut, heard], [1, [], []], 'refreshes, sign-outs and events');
  equal(stored(), token, 'the token');
  server.expire();
  const errors = await Promise.all(Array.from({ length: 3 }, () => rejection(api.fetch('/echo'), SignInRequiredError)));
  equal(new Set(errors).size, 1, 'errors');
  await until(() => signedOut.length > 0, 'the sign-out');
  equal([server.counts.refreshes, signedOut, heard], [2, ['refused'], ['signedOut']], 'refreshes, sign-outs, events');
  equal(stored(), null, 'the token then');
}

export async function a_401_that_joins_a_refusal_ahead_of_the_end_gets_its_own_verdict(world) {
  const { createApi, SignInRequiredError } = world;
  const server = tokenServer({ ttl: 600 });
  let refuse;
  const refusal = new Promise((_, reject) => { refuse = () => reject(new SignInRequiredError('revoked')); });
  let refreshes = 0;
  const refresh = () => {
    refreshes += 1;
    return refusal;
  };
  const { api, signedOut } = loadPage(createApi, server, server.mint(5), { refresh, refreshAhead: 0 });
  equal(await sendInTurn(api, 1), [200], 'at first');
  const ahead = api.getAccessToken({ minValidity: 100 });
  await until(() => refreshes > 0, 'it is asked');
  server.expire();
  const late = api.fetch('/echo');
  await pause(50);
  refuse();
  await rejection(late, SignInRequiredError);
  await rejection(ahead);
  equal(signedOut, ['refused'], 'sign-outs');
}

export async function get_access_token_refreshes_a_token_that_is_too_short({ createApi }) {
  const server = tokenServer({ ttl: 100 });
  const token = server.mint(50);
  const { api } = loadPage(createApi, server, token);
  for (const minValidity of [undefined, 0, 1, 45]) {
    const given = await api.getAccessToken({ minValidity });
    equal([given, server.counts.refreshes], [token, 0], `minValidity: ${minValidity}`);
  }
  equal([await api.getAccessToken(), await api.getAccessToken({})], [token, token], 'without');
  const next = await api.getAccessToken({ minValidity: 55 });
  equal([next !== token, server.counts.refreshes], [true, 1], 'a new token, and refreshes');
  // More than can be had.
  equal([await api.getAccessToken({ minValidity: 1000 }), server.counts.refreshes], [next, 1], 'more than a lifetime');
  const both = await Promise.all([70, 75].map((minValidity) => api.getAccessToken({ minValidity })));
  equal([both, server.counts.refreshes], [[next, next], 1], 'two at once');
}

export async function get_access_token_refuses_what_is_no_min_validity({ createApi }) {
  const server = tokenServer({ ttl: 100 });
  const { api } = loadPage(createApi, server, server.mint(50));
  for (const minValidity of ['10', -1, Number.NaN, Infinity, null, {}, true, 1e12]) {
    const error = await rejection(api.getAccessToken({ minValidity }), TypeError, String(minValidity));
    check(error.message.includes('minValidity'), error.message);
  }
  for (const argument of [7, 'x', null, true]) await rejection(api.getAccessToken(argument), TypeError);
  const error = await rejection(api.getAccessToken({ minvalidity: 3 }), TypeError);
  check(error.message.includes('minValidity'), error.message);
  equal(server.counts.refreshes, 0, 'refreshes');
}
