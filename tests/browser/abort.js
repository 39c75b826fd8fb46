// One request is aborted, at any stage; nobody else notices (rule 2.7).

import { check, equal, rejection, same } from './expect.js';
import { duration, pause, until } from './support.js';

const PENDING = Symbol('pending');

/** Resolves with the present state of `promise`: its value, its error, or `PENDING`. */
const stateOf = (promise) => Promise.race([promise, Promise.resolve(PENDING)]).catch((error) => error);

const inFlight = ({ stats }) => until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');

/** The ways of a request through the wrapper: short, as a `Request`, with a timer. */
const WAYS = [{}, { method: 'POST', body: new Blob(['x']) }, { timeout: 5000 }];

const reason = new Error('the user has left');

export async function an_aborted_signal_gives_a_rejected_promise_and_no_request({ signIn, server, other }) {
  const { api, attempts } = await signIn();
  const signal = AbortSignal.abort(reason);
  for (const init of WAYS) {
    same(await stateOf(api.fetch('/test/echo', { ...init, signal })), reason, 'the rejection');
  }
  const request = new Request(`${server}/api/test/echo`, { signal });
  same(await stateOf(api.fetch(request)), reason, 'the rejection with a Request');
  same(await rejection(api.fetch(`${other}/api/test/open`, { signal })), reason, 'the rejection at a foreign origin');
  same(await rejection(api.get('/test/echo', { signal })), reason, 'the rejection of get');
  equal((await attempts()).length, 0, 'requests that arrived');
}

export async function an_aborted_signal_rejects_at_once_during_a_flight_too({ signIn }) {
  const session = await signIn();
  const { api, expire, faults } = session;
  await expire();
  await faults({ delay: 300 });
  const first = api.fetch('/test/echo');
  await inFlight(session);
  same(await stateOf(api.fetch('/test/echo', { signal: AbortSignal.abort(reason) })), reason, 'the rejection');
  equal((await first).status, 200, 'the other one');
}

export async function before_the_answer_the_abort_reaches_the_request({ signIn }) {
  const { api } = await signIn();
  for (const init of [{}, { timeout: 5000 }]) {
    const controller = new AbortController();
    const response = api.fetch('/test/slow?ms=3000', { ...init, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    check(await duration(response) < 1000, 'it rejects promptly');
    same(await rejection(response), reason, 'the rejection');
  }
}

export async function during_the_flight_one_waiter_leaves_and_the_others_go_on({ signIn }) {
  const session = await signIn();
  const { api, expire, faults, stats, stored, accessToken } = session;
  await expire();
  await faults({ delay: 600 });
  const controller = new AbortController();
  const { signal } = controller;
  const others = [api.fetch('/test/echo')];
  const leaving = WAYS.map((init) => api.fetch('/test/echo', { ...init, signal }));
  await inFlight(session);
  // These have not been sent yet.
  others.push(api.fetch('/test/echo'));
  leaving.push(...WAYS.map((init) => api.fetch('/test/echo', { ...init, signal })));
  await pause(100);
  controller.abort(reason);
  for (const response of leaving) same(await rejection(response), reason, 'the rejection');
  equal(stored().access, accessToken, 'the token: the flight is still under way');
  for (const response of others) equal((await response).status, 200, 'the others');
  const { refreshes, rotations, attempts } = await stats();
  equal([refreshes, rotations], [1, 1], 'refreshes and rotations');
  // Four met a 401, and only those who stayed were sent after it.
  equal(attempts.filter(({ authorized }) => authorized).length, 2, 'requests that were let in');
}

export async function when_all_waiters_leave_the_tokens_are_still_stored({ signIn }) {
  const session = await signIn();
  const { api, expire, faults, stats, stored, accessToken, refreshToken } = session;
  await expire();
  await faults({ delay: 300 });
  const controller = new AbortController();
  const responses = Array.from({ length: 5 }, () => api.fetch('/test/echo', { signal: controller.signal }));
  await inFlight(session);
  controller.abort();
  for (const response of responses) equal((await rejection(response, DOMException)).name, 'AbortError', 'the rejection');
  await until(() => stored().access !== accessToken, 'the new token is stored');
  equal(stored().refresh === refreshToken, false, 'whether the old refresh token is still there');
  equal((await api.fetch('/test/echo')).status, 200, 'the next request');
  const { refreshes, rotations } = await stats();
  equal([refreshes, rotations], [1, 1], 'refreshes and rotations');
}

export async function during_the_replay_the_abort_reaches_the_request({ signIn }) {
  const { api, expire, stats } = await signIn();
  for (const init of [{}, { timeout: 5000 }]) {
    await expire();
    const before = await stats();
    const controller = new AbortController();
    // Refused at once, but slow when it is let in.
    const response = api.fetch('/test/slow?ms=3000', { ...init, signal: controller.signal });
    await until(async () => (await stats()).rotations > before.rotations, 'the refresh is done');
    await pause(100);
    controller.abort(reason);
    check(await duration(response) < 1000, 'it rejects promptly');
    same(await rejection(response), reason, 'the rejection');
  }
}

export async function after_the_answer_the_abort_reaches_the_body({ signIn, server }) {
  const { api, expire, stored } = await signIn();
  const url = `${server}/api/test/stream?chunks=100&ms=30`;
  const abortReading = async (fetch, init) => {
    const controller = new AbortController();
    const response = await fetch(url, { ...init, signal: controller.signal });
    const reader = response.body.getReader();
    equal((await reader.read()).done, false, 'whether the body has ended');
    controller.abort(reason);
    const rest = async () => { while (!(await reader.read()).done); };
    return rejection(rest());
  };
  // The body is the browser's own, and in WebKit it knows no reasons.
  const native = await abortReading(fetch, { headers: { Authorization: `Bearer ${stored().access}` } });
  check(native === reason || native.name === 'AbortError', `what reading a native body rejects with: ${native}`);
  for (const replayed of [false, true]) {
    for (const init of [{}, { timeout: 5000 }]) {
      if (replayed) await expire();
      const own = await abortReading(api.fetch, init);
      equal([own === reason, own.name], [native === reason, native.name], 'what reading the body rejects with');
    }
  }
}

export async function reasons_keep_their_identity_at_each_stage({ signIn }) {
  for (const own of ['a string', 0, null, { any: 'object' }, undefined]) {
    const session = await signIn();
    const { api, expire, faults } = session;
    const abort = () => {
      const controller = new AbortController();
      return { signal: controller.signal, leave: () => controller.abort(own) };
    };
    const early = abort();
    early.leave();
    same(await rejection(api.fetch('/test/echo', early)), early.signal.reason, 'before it is sent');
    for (const init of [{}, { timeout: 5000 }]) {
      const sent = abort();
      const slow = api.fetch('/test/slow?ms=2000', { ...init, signal: sent.signal });
      setTimeout(sent.leave, 20);
      same(await rejection(slow), sent.signal.reason, 'before the answer');
    }
    await expire();
    await faults({ delay: 200 });
    const waiting = abort();
    const waiter = api.fetch('/test/echo', waiting);
    await inFlight(session);
    waiting.leave();
    same(await rejection(waiter), waiting.signal.reason, 'during the flight');
    await api.getAccessToken();
  }
}

export async function the_refresh_itself_is_not_reached_by_an_abort_of_the_page({ signIn }) {
  const signals = [];
  const spy = (input, init) => {
    if (String(input.url ?? input).includes('refresh-token')) signals.push(init.signal);
    return fetch(input, init);
  };
  const { api, expire } = await signIn({ fetch: (...args) => spy(...args) });
  await expire();
  const controller = new AbortController();
  equal((await api.fetch('/test/echo', { signal: controller.signal })).status, 200, 'the status');
  controller.abort();
  equal(signals.map(({ aborted }) => aborted), [false], 'whether the refresh was aborted');
}

export async function listeners_on_a_signal_are_taken_off_again({ signIn }) {
  const { api, expire } = await signIn();
  const { signal } = new AbortController();
  let listening = 0;
  const { addEventListener: add, removeEventListener: remove } = signal;
  signal.addEventListener = (...args) => { listening += 1; return add.apply(signal, args); };
  signal.removeEventListener = (...args) => { listening -= 1; return remove.apply(signal, args); };
  await expire();
  await Promise.all(Array.from({ length: 5 }, () => api.fetch('/test/echo', { signal })));
  await pause(0);
  equal(listening, 0, 'listeners that are left');
}
