// The record that a refresh leaves for the next tab, in IndexedDB (rules 3.2 and 3.3).

import { check, equal } from './expect.js';
import { duration, during, pause, until } from './support.js';

const ended = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Acts on the object store with the records. */
async function withRecords(mode, act) {
  const database = await ended(indexedDB.open('tokenflight', 3));
  try {
    return await ended(act(database.transaction('records', mode).objectStore('records')));
  } finally {
    database.close();
  }
}

const keyOf = ({ refreshTokenKey }) => refreshTokenKey;
const recordOf = (keys) => withRecords('readonly', (store) => store.get(keyOf(keys)));

/** Takes a session through refreshes, and says how long the first one took. */
async function live({ api, expire, stats }, what) {
  let first;
  for (const refreshes of [1, 2, 3]) {
    await expire();
    const responses = Promise.all([1, 2, 3].map(() => api.fetch('/test/echo')));
    const took = await duration(responses);
    first ??= took;
    equal((await responses).map(({ status }) => status), [200, 200, 200], `the statuses, ${what}`);
    const { refreshes: came, reuses } = await stats();
    equal([came, reuses], [refreshes, 0], `refreshes and reuses, ${what}`);
  }
  return first;
}

/** Returns a stand-in for `indexedDB.open`. */
function openThat(act) {
  return { get: () => ({ open: act }) };
}

export async function without_indexed_db_nothing_is_lost({ signIn }) {
  const failing = () => {
    const request = new EventTarget();
    setTimeout(() => request.dispatchEvent(new Event('error')));
    return request;
  };
  const ways = {
    'no database': { get: () => undefined },
    'a getter that throws': { get() { throw new DOMException('denied', 'SecurityError'); } },
    'an open that throws': openThat(() => { throw new DOMException('denied', 'SecurityError'); }),
    'an open that fails': openThat(failing),
  };
  for (const [how, way] of Object.entries(ways)) {
    const session = await signIn();
    await during(globalThis, 'indexedDB', way, async () => {
      const took = await live(session, how);
      check(took < 2000, `${how}: it took ${took} ms`);
      await session.api.signOut();
    });
    equal(session.stored(), { access: null, refresh: null }, `what is left, ${how}`);
  }
}

export async function a_database_that_never_answers_is_waited_for_once({ signIn }) {
  const session = await signIn();
  await during(globalThis, 'indexedDB', openThat(() => new EventTarget()), async () => {
    const took = await live(session, 'never');
    check(took > 4000 && took < 7000, `it took ${took} ms`);
    const next = await duration(session.api.signOut());
    check(next < 500, `signing out took ${next} ms`);
  });
  equal(session.stored(), { access: null, refresh: null }, 'what is left');
}

export async function a_database_that_breaks_halfway_is_done_without({ signIn }) {
  const ways = {
    'transaction throws': [IDBDatabase.prototype, 'transaction'],
    'get throws': [IDBObjectStore.prototype, 'get'],
    'put throws': [IDBObjectStore.prototype, 'put'],
  };
  for (const [how, [object, name]] of Object.entries(ways)) {
    const session = await signIn();
    const value = () => { throw new DOMException('broken', 'InvalidStateError'); };
    await during(object, name, { value, writable: true }, () => live(session, how));
    await session.api.signOut();
    equal(session.stored(), { access: null, refresh: null }, `what is left, ${how}`);
  }
}

export async function a_database_that_is_deleted_is_made_anew({ signIn }) {
  const session = await signIn();
  const { api, expire, keys, stats } = session;
  for (const refreshes of [1, 2]) {
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'the status');
    equal((await stats()).refreshes, refreshes, 'refreshes');
    const took = await duration(ended(indexedDB.deleteDatabase('tokenflight')));
    check(took < 2000, `deleting took ${took} ms`);
  }
  await expire();
  await api.fetch('/test/echo');
  check(await recordOf(keys) !== undefined, 'there is a record again');
}

export async function nonsense_in_the_record_is_survived({ signIn }) {
  const nonsense = [
    'text', 7, true, [], {}, new Date(), new ArrayBuffer(8), new Uint8Array(40), new Float64Array(0),
    new Float64Array(1), Float64Array.of(Number.NaN, -1, Infinity, 1e20), new Float64Array(40).fill(Number.NaN),
    new Float64Array(40).fill(1e20), new Float64Array(40).fill(-1), new Float64Array(1e5).fill(7),
    { spent: 'text' }, { spent: [Number.NaN, -1, 'x', {}, 2 ** 60] }, { spent: { length: 1e9 } },
    { generation: -1, beat: 'x' }, { asked: {}, failedAt: 'x', failedUntil: 'y' },
    { generation: 1e20, asked: Infinity, failedAt: -1, failedUntil: Number.NaN },
  ];
  for (const value of nonsense) {
    const session = await signIn({ refreshTimeout: 500, lockTimeout: 500 });
    const { api, expire, keys, stats } = session;
    await expire();
    await api.fetch('/test/echo');
    await withRecords('readwrite', (store) => store.put(value, keyOf(keys)));
    await expire();
    const response = api.fetch('/test/echo');
    const took = await duration(response);
    equal((await response).status, 200, `the status with ${JSON.stringify(value)}`);
    check(took < 3000, `it took ${took} ms with ${JSON.stringify(value)}`);
    equal((await stats()).reuses, 0, 'reuses');
  }
}

export async function it_holds_numbers_and_nothing_of_a_token({ signIn }) {
  const { api, expire, faults, keys, stored, stats } = await signIn({ refreshRetries: 0, coolDown: 5 });
  const tokens = Object.values(stored());
  const inspect = async (when) => {
    tokens.push(...Object.values(stored()));
    const record = await recordOf(keys);
    const text = JSON.stringify(record);
    check(record instanceof Float64Array && record.length > 0, `${when}: ${text}`);
    for (const token of tokens) {
      for (let at = 0; at + 12 <= token.length; at += 1) {
        check(!text.includes(token.slice(at, at + 12)), `${when}: part of a token`);
      }
    }
  };
  await expire();
  await faults({ delay: 300 });
  const response = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  await inspect('during a flight');
  await response;
  await inspect('after a flight');
  await expire();
  await faults({ status: 503 });
  await api.fetch('/test/echo').catch(() => {});
  await inspect('after an outage');
}

export async function it_does_not_grow_without_end({ signIn }) {
  const { api, keys } = await signIn();
  // It keeps 64 tokens that are spent, and each refresh spends two.
  for (let n = 0; n < 35; n += 1) await api.refresh();
  const { length } = await recordOf(keys);
  for (let n = 0; n < 25; n += 1) await api.refresh();
  const { length: later } = await recordOf(keys);
  equal(later, length, 'numbers after 60 refreshes, and after 35');
}

// After that long, twice, an ended session is forgotten.
const MEMORY = 15_000;

/** Makes those waits short while `act` runs. */
function hastened(act) {
  const { setTimeout: platform } = globalThis;
  const value = (callback, ms, ...more) => platform(callback, ms === MEMORY ? 300 : ms, ...more);
  return during(globalThis, 'setTimeout', { value, writable: true }, act);
}

export async function nothing_is_left_a_while_after_the_session_has_ended({ signIn }) {
  const ends = {
    'by signOut': ({ api }) => api.signOut(),
    'by signOut during a flight': async ({ api, expire, faults, stats }) => {
      await expire();
      await faults({ delay: 300 });
      const left = api.fetch('/test/echo').catch(() => {});
      await until(async () => (await stats()).refreshes === 2, 'the refresh has arrived');
      await api.signOut();
      await left;
      await until(async () => (await stats()).rotations === 2, 'the server has answered');
      await pause(100);
    },
    'by a refusal': async ({ api, revoke, expire }) => {
      await revoke();
      await expire();
      await api.fetch('/test/echo').catch(() => {});
    },
  };
  await hastened(() => Promise.all(Object.entries(ends).map(async ([how, end]) => {
    const session = await signIn();
    const { api, expire, keys, sid, stored } = session;
    await expire();
    await api.fetch('/test/echo');
    check(await recordOf(keys) !== undefined, 'there is a record');
    await end(session);
    equal(stored(), { access: null, refresh: null }, `the tokens ${how}`);
    const left = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
    equal(left.filter((key) => key.includes(sid)), [], `keys ${how}`);
    await until(async () => await recordOf(keys) === undefined, `the record is gone ${how}`);
  })));
}

export async function a_request_without_a_refresh_does_not_touch_it({ signIn }) {
  const { api, create, expire } = await signIn();
  const calls = [];
  const counted = (object, name) => {
    const original = object[name];
    const value = function counting(...args) {
      calls.push(name);
      return original.apply(this, args);
    };
    return [object, name, { value, writable: true }];
  };
  await during(...counted(IDBFactory.prototype, 'open'), () => (
    during(...counted(IDBDatabase.prototype, 'transaction'), async () => {
      for (const one of [api, create(), api]) equal((await one.fetch('/test/echo')).status, 200, 'the status');
      await api.getAccessToken();
      await api.fetch('/test/open', { auth: false });
      equal(calls, [], 'calls without a refresh');
      await expire();
      await api.fetch('/test/echo');
      check(calls.length > 0, 'there are calls for a refresh');
      const before = calls.length;
      await api.fetch('/test/echo');
      equal(calls.length, before, 'calls after it');
    })
  ));
}
