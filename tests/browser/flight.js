// One refresh for all, and then one replay each (rules 2.3 to 2.5 and 3.1).

import { check, equal } from './expect.js';
import { duration, during, pause, until } from './support.js';

const counts = ({ refreshes, rotations, unauthorized, reuses, attempts }) => (
  { refreshes, rotations, unauthorized, reuses, attempts: attempts.length }
);

const statuses = async (responses) => [...new Set((await Promise.all(responses)).map(({ status }) => status))];

const times = (count, act) => Array.from({ length: count }, (_, n) => act(n));

export async function a_thousand_401s_cost_one_refresh_and_a_second_wave_nothing({ signIn }) {
  // A busy machine takes a while to accept a thousand connections, and then that of the refresh.
  const { api, expire, stats, faults } = await signIn({ refreshTimeout: 40_000 });
  const send = (n) => api.fetch('/test/echo', { method: 'POST', body: `${n}` });
  await expire();
  // So long that the last one of them has met its 401, on a busy machine too.
  await faults({ delay: 3000 });
  equal(await statuses(times(1000, send)), [200], 'statuses of the first wave');
  const first = await stats();
  const once = { refreshes: 1, rotations: 1, unauthorized: 1000, reuses: 0 };
  equal(counts(first), { ...once, attempts: 2000 }, 'after the first wave');
  const served = first.attempts.filter(({ authorized }) => authorized).map(({ sha256 }) => sha256);
  equal([served.length, new Set(served).size], [1000, 1000], 'bodies that were let in, and different ones');

  equal(await statuses(times(1000, send)), [200], 'statuses of the second wave');
  equal(counts(await stats()), { ...once, attempts: 3000 }, 'after the second wave');
}

export async function apis_over_the_same_storage_share_one_flight({ signIn }) {
  const { create, expire, stats, faults } = await signIn();
  await expire();
  await faults({ delay: 300 });
  const responses = times(10, (n) => create({ timeout: 5000 + n }).fetch('/test/echo'));
  equal(await statuses(responses), [200], 'statuses');
  const { refreshes, unauthorized } = await stats();
  equal([refreshes, unauthorized], [1, 10], 'refreshes and 401s');
}

export async function a_late_401_is_replayed_without_another_refresh({ signIn }) {
  const { api, expire, stats } = await signIn();
  await expire();
  // Different URLs: Chromium sends the same one again only when the first has its answer.
  const late = times(4, (n) => api.fetch(`/test/slow-401?ms=700&n=${n}`, n % 2 ? { timeout: 5000 } : {}));
  equal((await api.fetch('/test/echo')).status, 200, 'the early one');
  equal((await stats()).rotations, 1, 'rotations when the late ones are still out');
  equal(await statuses(late), [200], 'the late ones');
  const { refreshes, unauthorized } = await stats();
  equal([refreshes, unauthorized], [1, 5], 'refreshes and 401s');
}

export async function a_request_that_starts_during_a_flight_waits_and_costs_no_401({ signIn }) {
  const { api, expire, stats, faults, accessToken } = await signIn();
  await expire();
  await faults({ delay: 400 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  const later = times(20, (n) => api.fetch('/test/echo', n % 2 ? {} : { method: 'POST', body: new Blob(['x']) }));
  await pause(50);
  equal((await stats()).attempts.length, 1, 'attempts while the refresh is under way');
  equal(await statuses([first, ...later]), [200], 'statuses');
  const { attempts, unauthorized, refreshes } = await stats();
  equal([attempts.length, unauthorized, refreshes], [22, 1, 1], 'attempts, 401s and refreshes');
  const old = attempts.filter(({ headers }) => headers.authorization === `Bearer ${accessToken}`);
  equal(old.length, 1, 'attempts with the old token');
}

export async function what_needs_no_token_does_not_wait_for_a_flight({ signIn, other }) {
  const { api, expire, stats, faults } = await signIn();
  await expire();
  await faults({ delay: 800 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  let landed = false;
  first.then(() => { landed = true; });
  await api.fetch('/test/open', { auth: false });
  await api.fetch(`${other}/api/test/open`);
  await api.fetch('/test/open', { headers: { Authorization: 'Basic own' } });
  equal(landed, false, 'whether they waited');
  equal((await first).status, 200, 'the status');
}

export async function a_permanent_401_is_returned_after_one_replay({ signIn }) {
  const { api, stats } = await signIn();
  for (const round of [1, 2]) {
    const response = await api.fetch('/test/always-401');
    equal([response.status, response.bodyUsed], [401, false], 'the response');
    equal((await response.json()).error, 'token_expired', 'its body');
    const { refreshes, unauthorized } = await stats();
    // The second 401 is for a token that has just been refreshed in vain.
    equal([refreshes, unauthorized], [1, 1 + round], 'refreshes and 401s');
  }
  const responses = times(50, () => api.fetch('/test/always-401', { method: 'POST', body: 'x' }));
  equal(await statuses(responses), [401], 'statuses of fifty at once');
  const { unauthorized } = await stats();
  check(unauthorized <= 4 + 100, `at most two attempts each, not ${unauthorized - 4} for fifty`);
}

export async function a_refresh_by_hand_joins_the_flight({ signIn }) {
  const { api, expire, stats, faults, stored, accessToken } = await signIn();
  await expire();
  await faults({ delay: 300 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  const [token] = await Promise.all([api.getAccessToken(), api.refresh(), api.refresh()]);
  equal([token, token === accessToken], [stored().access, false], 'the token');
  equal((await first).status, 200, 'the status');
  equal((await stats()).refreshes, 1, 'refreshes');
  equal(await api.refresh(), undefined, 'what a refresh resolves to');
  equal((await stats()).refreshes, 2, 'refreshes when asked anew');
}

export async function the_new_tokens_are_stored_the_refresh_token_first({ signIn }) {
  const written = [];
  const storage = {
    get: (key) => localStorage.getItem(key),
    set: (key, value) => { written.push(key); localStorage.setItem(key, value); },
    remove: (key) => localStorage.removeItem(key),
  };
  const { api, keys, stored, accessToken, refreshToken } = await signIn({ storage });
  await api.refresh();
  equal(written, [keys.refreshTokenKey, keys.accessTokenKey], 'the order');
  const { access, refresh } = stored();
  equal([access === accessToken, refresh === refreshToken], [false, false], 'whether the old ones are still there');
}

const throws = { get() { throw new DOMException('denied', 'SecurityError'); } };
const value = (replacement) => ({ value: replacement, writable: true });

/** Resolves with true if nobody holds the lock of those keys. */
function isFree({ refreshTokenKey }) {
  const name = `tokenflight ${refreshTokenKey} 0`;
  return navigator.locks.request(name, { ifAvailable: true }, Boolean);
}

/** The parts of the platform that may break under a flight, and the options that make it matter. */
const BREAKS = {
  'locks that throw when they are read': { breaks: [navigator, 'locks', throws] },
  'locks that throw when they are asked for': { breaks: [LockManager.prototype, 'request', value(throws.get)] },
  'an onLine that throws': { breaks: [navigator, 'onLine', throws], options: { autoRefresh: true } },
  'a console that throws': { breaks: [console, 'debug', value(throws.get)], options: { debug: true } },
  'a console without debug': { breaks: [console, 'debug', value(undefined)], options: { debug: true } },
  'cookies that throw': {
    breaks: [document, 'cookie', throws], options: { tokenCookie: 'access_token', xsrfCookieName: 'XSRF-TOKEN' },
  },
  'an indexedDB.open that returns nothing': { breaks: [IDBFactory.prototype, 'open', value(() => undefined)] },
  'an indexedDB that throws': { breaks: [globalThis, 'indexedDB', throws] },
};

export async function whatever_throws_in_a_flight_it_ends_within_bounds_and_lets_the_lock_go({ signIn }) {
  for (const [what, { breaks: [object, name, replacement], options }] of Object.entries(BREAKS)) {
    const { api, create, expire, keys, stats } = await signIn(options);
    await during(object, name, replacement, async () => {
      await expire();
      const responses = times(3, () => api.fetch('/test/echo'));
      const took = await duration(Promise.all(responses));
      equal([await statuses(responses), took < 2000], [[200], true], `statuses and bounds, ${what}: ${took} ms`);
    });
    equal(await isFree(keys), true, `whether the lock is free, ${what}`);
    await expire();
    equal((await create().fetch('/test/echo')).status, 200, `the next one, ${what}`);
    const { refreshes, reuses } = await stats();
    equal([refreshes, reuses], [2, 0], `refreshes and reuses, ${what}`);
  }
}

export async function a_fetch_that_answers_nonsense_ends_its_flight(world) {
  for (const nonsense of [undefined, null, 7, {}]) {
    let isBroken = false;
    const underneath = (input, init) => (isBroken && !String(input).includes('/test/') ? nonsense : fetch(input, init));
    const { api, expire, keys } = await world.signIn({ fetch: underneath, refreshRetries: 0, coolDown: 10 });
    await expire();
    isBroken = true;
    const response = api.fetch('/test/echo');
    const took = await duration(response);
    const [{ reason }] = await Promise.allSettled([response]);
    equal([reason instanceof world.RefreshUnavailableError, took < 2000], [true, true], `${reason}, ${took} ms`);
    equal(await isFree(keys), true, 'whether the lock is free');
    isBroken = false;
    await pause(50);
    equal((await api.fetch('/test/echo')).status, 200, 'the next one');
  }
}

export async function a_page_that_is_always_forbidden_costs_a_few_refreshes({ signIn }) {
  const { api, expire, stats } = await signIn();
  for (let looks = 0; looks < 10; looks += 1) equal((await api.fetch('/test/always-401')).status, 401, 'the status');
  equal((await stats()).refreshes, 1, 'refreshes');
  const { api: forbidden, stats: records } = await signIn({ isUnauthorized: ({ status }) => status === 403 });
  for (let looks = 0; looks < 10; looks += 1) {
    equal((await forbidden.fetch('/test/content?status=403')).status, 403, 'the status');
  }
  equal((await records()).refreshes, 1, 'refreshes of a 403');
  await new Promise((resolve) => { setTimeout(resolve, 1100); });
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'after the pause');
}
