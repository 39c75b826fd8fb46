// The lock between the tabs (rules 3.1 and 3.3).

import { check, equal } from './expect.js';
import { duration, during, pause, until } from './support.js';

const nameOf = ({ refreshTokenKey }, generation = 0) => `tokenflight ${refreshTokenKey} ${generation}`;

/** Holds the lock of that name until it is told to let go. */
async function hold(name) {
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  await new Promise((granted) => {
    navigator.locks.request(name, () => {
      granted();
      return held;
    });
  });
  return letGo;
}

export async function a_holder_that_does_not_move_is_left_behind_after_lock_timeout({ signIn }) {
  const { api, create, expire, keys, stats } = await signIn({ refreshTimeout: 500, lockTimeout: 500 });
  const letGo = await hold(nameOf(keys));
  await expire();
  const send = (body) => api.fetch('/test/echo', { method: 'POST', body });
  const responses = Promise.all(['one', 'two', 'three'].map(send));
  const took = await duration(responses);
  equal((await responses).map(({ status }) => status), [200, 200, 200], 'the statuses');
  check(took >= 300 && took < 2500, `it took ${took} ms`);

  for (const one of [api, create()]) {
    await expire();
    const next = await duration(one.fetch('/test/echo'));
    check(next < 300, `the next one took ${next} ms`);
  }
  letGo();
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'when the lock is free again');
  const { refreshes, reuses } = await stats();
  equal([refreshes, reuses], [4, 0], 'refreshes and reuses');
}

export async function many_holders_that_do_not_move_cost_a_bounded_wait({ signIn }) {
  const { api, expire, keys, stats } = await signIn({ refreshTimeout: 300, lockTimeout: 300 });
  const holders = await Promise.all([0, 1, 2, 3, 4].map((generation) => hold(nameOf(keys, generation))));
  await expire();
  const response = api.fetch('/test/echo');
  const took = await duration(response);
  equal((await response).status, 200, 'the status');
  check(took < 3000, `it took ${took} ms`);
  holders.forEach((letGo) => letGo());
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function without_indexed_db_a_holder_that_does_not_move_is_left_behind_too({ signIn }) {
  for (const way of [{ get: () => undefined }, { get: () => ({ open: () => { throw new Error('denied'); } }) }]) {
    const { api, expire, keys, stats } = await signIn({ refreshTimeout: 500, lockTimeout: 500 });
    const letGo = await hold(nameOf(keys));
    await during(globalThis, 'indexedDB', way, async () => {
      for (const refreshes of [1, 2]) {
        await expire();
        const responses = Promise.all([1, 2, 3].map(() => api.fetch('/test/echo')));
        const took = await duration(responses);
        equal((await responses).map(({ status }) => status), [200, 200, 200], 'the statuses');
        check(took < 2500, `it took ${took} ms`);
        const { refreshes: came, reuses } = await stats();
        equal([came, reuses], [refreshes, 0], 'refreshes and reuses');
      }
      await api.signOut();
    });
    letGo();
  }
}

export async function with_neither_locks_nor_indexed_db_it_works_in_this_page({ signIn }) {
  const { api, expire, stats } = await signIn();
  await during(navigator, 'locks', { get: () => undefined }, () => (
    during(globalThis, 'indexedDB', { get: () => undefined }, async () => {
      for (const refreshes of [1, 2]) {
        await expire();
        const responses = await Promise.all([1, 2, 3].map(() => api.fetch('/test/echo')));
        equal(responses.map(({ status }) => status), [200, 200, 200], 'the statuses');
        equal((await stats()).refreshes, refreshes, 'refreshes');
      }
      await api.signOut();
    })
  ));
}

export async function a_holder_that_lets_go_in_time_is_waited_for({ signIn }) {
  const { api, expire, keys, stats } = await signIn();
  const letGo = await hold(nameOf(keys));
  await expire();
  const response = api.fetch('/test/echo');
  await pause(700);
  equal((await stats()).refreshes, 0, 'refreshes meanwhile');
  letGo();
  equal((await response).status, 200, 'the status');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function tokens_that_appear_while_the_lock_is_waited_for_end_the_wait({ signIn }) {
  const { api, expire, keys, store, stats } = await signIn();
  const next = await signIn();
  const letGo = await hold(nameOf(keys));
  await expire();
  const response = api.fetch('/test/echo');
  await pause(300);
  store(next.accessToken, next.refreshToken);
  dispatchEvent(new StorageEvent('storage', { key: keys.accessTokenKey, storageArea: localStorage }));
  equal((await response).status, 200, 'the status');
  equal([(await stats()).refreshes, (await next.stats()).refreshes], [0, 0], 'refreshes');
  letGo();
}

export async function a_page_that_is_put_away_lets_go({ signIn }) {
  const leave = {
    pagehide: () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })),
    freeze: () => document.dispatchEvent(new Event('freeze')),
  };
  for (const [how, go] of Object.entries(leave)) {
    const { api, expire, faults, keys, stats } = await signIn();
    await expire();
    await faults({ delay: 1500 });
    const response = api.fetch('/test/echo');
    await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
    const isFree = () => navigator.locks.request(nameOf(keys), { ifAvailable: true }, (lock) => lock !== null);
    equal(await isFree(), false, `whether the lock is free during the flight, ${how}`);
    go();
    await until(isFree, `it lets go, ${how}`, 500);
    equal((await response).status, 200, `the status, ${how}`);
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, `the next one, ${how}`);
    equal((await stats()).reuses, 0, `reuses, ${how}`);
  }
}

export async function the_lock_is_free_after_a_flight_however_it_ends({ signIn }) {
  for (const fault of [{ status: 503 }, { status: 401 }, { delay: 1 }]) {
    const { api, expire, faults, keys } = await signIn({ refreshRetries: 0 });
    await expire();
    await faults(fault);
    await api.fetch('/test/echo').catch(() => {});
    const isFree = () => navigator.locks.request(nameOf(keys), { ifAvailable: true }, (lock) => lock !== null);
    await until(isFree, `it is free after ${JSON.stringify(fault)}`, 500);
  }
}

export async function a_request_without_a_refresh_takes_no_lock({ signIn }) {
  const { api, expire } = await signIn();
  let requests = 0;
  const { request } = LockManager.prototype;
  const counting = function counting(...args) {
    requests += 1;
    return request.apply(this, args);
  };
  await during(LockManager.prototype, 'request', { value: counting, writable: true }, async () => {
    for (let n = 0; n < 5; n += 1) await api.fetch('/test/echo');
    await api.getAccessToken();
    equal(requests, 0, 'locks that were asked for');
    await expire();
    await api.fetch('/test/echo');
    equal(requests, 1, 'locks for a refresh');
  });
}

export async function without_web_locks_it_works_in_this_page({ signIn }) {
  const never = () => new Promise(() => {});
  const throws = () => { throw new DOMException('denied', 'SecurityError'); };
  const ways = {
    'no locks': { get: () => undefined },
    'locks that are null': { get: () => null },
    'locks without request': { get: () => ({}) },
    'locks that throw': { get: () => ({ request: throws }) },
    'locks that reject': { get: () => ({ request: async () => throws() }) },
    'locks that are never granted': { get: () => ({ request: never }) },
  };
  for (const [how, way] of Object.entries(ways)) {
    const { api, expire, stats } = await signIn({ refreshTimeout: 500, lockTimeout: 500 });
    await during(navigator, 'locks', way, async () => {
      for (const refreshes of [1, 2]) {
        await expire();
        const responses = await Promise.all([1, 2, 3].map(() => api.fetch('/test/echo')));
        equal(responses.map(({ status }) => status), [200, 200, 200], `the statuses, ${how}`);
        const { refreshes: came, reuses } = await stats();
        equal([came, reuses], [refreshes, 0], `refreshes and reuses, ${how}`);
      }
    });
  }
}
