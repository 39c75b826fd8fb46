// Where the tokens are kept (rules 1.4, 1.7 and 3.4).

import { check, equal, rejection, same } from './expect.js';
import { duration, during, pause, until } from './support.js';

/** Resolves with the warnings that are logged while `act` runs. */
async function warnings(act) {
  const heard = [];
  await during(console, 'warn', { value: (...words) => heard.push(words.join(' ')), writable: true }, act);
  return heard;
}

/** Signs in through an api of its own kind, and takes it through a refresh. */
async function liveWith(world, options) {
  const session = await world.signIn();
  const { accessToken, refreshToken, expire, store, create, stats } = session;
  store(null, null);
  const api = create(options);
  await api.signIn({ accessToken, refreshToken });
  equal((await api.fetch('/test/echo')).status, 200, 'with the token');
  for (const rotations of [1, 2]) {
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'after a refresh');
    equal((await stats()).rotations, rotations, 'rotations');
  }
  return { ...session, api };
}

export async function session_storage_can_be_chosen(world) {
  const { keys, stored, api } = await liveWith(world, { storage: 'session' });
  equal(stored(), { access: null, refresh: null }, 'what is in localStorage');
  const access = sessionStorage.getItem(keys.accessTokenKey);
  equal([access, Boolean(access)], [await api.getAccessToken(), true], 'what is in sessionStorage');
  await api.signOut();
  // One entry is left for as long as the tab lives: it identifies a duplicate of the tab, and is no token.
  equal([sessionStorage.length, Object.values(keys).map((key) => sessionStorage.getItem(key))], [1, [null, null]], 'what is left there');
}

export async function memory_keeps_nothing_in_the_page(world) {
  const { stored, create, api } = await liveWith(world, { storage: 'memory' });
  equal([stored(), sessionStorage.length], [{ access: null, refresh: null }, 0], 'what is in the storages');
  equal((await create({ storage: 'memory' }).fetch('/test/echo')).status, 200, 'another api of this page');
  await api.signOut();
  equal(await api.getAccessToken(), null, 'the token after signing out');
}

export async function a_storage_of_ones_own_may_answer_at_once(world) {
  const held = new Map();
  const storage = { get: (key) => held.get(key), set: (key, value) => held.set(key, value), remove: (key) => held.delete(key) };
  const { api, keys } = await liveWith(world, { storage });
  equal(held.get(keys.accessTokenKey), await api.getAccessToken(), 'the access token');
  await api.signOut();
  equal(held.size, 0, 'what is left');
}

export async function who_is_signed_in_is_known_at_once_where_a_storage_of_ones_own_answers_at_once(world) {
  const { accessToken, refreshToken, create, keys, api } = await world.signIn();
  const { subject } = api.session;
  const tokens = { [keys.accessTokenKey]: accessToken, [keys.refreshTokenKey]: refreshToken };
  const over = (held, answer) => ({ get: (key) => answer(held[key] ?? null), set() {}, remove() {} });
  const statusOf = ({ session }) => [session.status, session.subject];
  const heard = [];
  const createOver = (held, answer) => {
    const made = create({ storage: over(held, answer) });
    made.on('sessionChanged', () => heard.push('sessionChanged'));
    return made;
  };
  equal(statusOf(createOver(tokens, (value) => value)), ['signedIn', subject], 'with tokens');
  equal(statusOf(createOver({}, (value) => value)), ['signedOut', null], 'without');
  const late = createOver(tokens, async (value) => value);
  equal(statusOf(late), ['unknown', null], 'where it answers later');
  await until(() => late.session.status === 'signedIn', 'it has answered');
  equal([statusOf(late), heard], [['signedIn', subject], []], 'then, and events');
}

export async function a_storage_of_ones_own_may_answer_later(world) {
  class Slow {
    #held = new Map();
    async get(key) { await pause(5); return this.#held.get(key) ?? null; }
    async set(key, value) { await pause(5); this.#held.set(key, value); }
    async remove(key) { await pause(5); this.#held.delete(key); }
    get size() { return this.#held.size; }
  }
  const storage = new Slow();
  const { api, expire, stats } = await liveWith(world, { storage });
  await expire();
  const before = await stats();
  const send = (n) => api.fetch('/test/echo', { method: 'POST', body: n % 2 ? `${n}` : new Blob([`${n}`]) });
  const responses = await Promise.all(Array.from({ length: 50 }, (_, n) => send(n)));
  equal(responses.every(({ status }) => status === 200), true, 'whether all came through');
  equal((await stats()).refreshes - before.refreshes, 1, 'refreshes');
  await api.signOut();
  equal(storage.size, 0, 'what is left');
}

/** The warnings of missing storages in this page, which gives each once, whichever test comes first. */
const told = { local: [], session: [] };

export async function a_storage_that_is_denied_is_replaced_by_memory_with_one_warning(world) {
  const denied = { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } };
  for (const storage of ['local', 'session']) {
    const name = `${storage}Storage`;
    const { accessToken, refreshToken, create, expire, stored } = await world.signIn();
    const heard = await warnings(() => during(globalThis, name, denied, async () => {
      const api = create({ storage });
      await api.signIn({ accessToken, refreshToken });
      await expire();
      equal((await api.fetch('/test/echo')).status, 200, 'after a refresh');
      equal((await create({ storage }).fetch('/test/echo')).status, 200, 'another api of this page');
      await api.signOut();
      equal(await api.getAccessToken(), null, 'after signing out');
    }));
    told[storage].push(...heard);
    equal(told[storage].length, 1, `warnings (${told[storage]})`);
    check(told[storage][0].startsWith(`tokenflight: ${name} `), 'what is warned of');
    if (storage === 'local') equal(stored(), { access: accessToken, refresh: refreshToken }, 'the storage is as it was');
  }
}

export async function a_storage_that_is_missing_is_replaced_by_memory(world) {
  const { accessToken, refreshToken, create } = await world.signIn();
  for (const value of [undefined, null]) {
    told.local.push(...await warnings(() => during(globalThis, 'localStorage', { value }, async () => {
      const api = create();
      await api.signIn({ accessToken, refreshToken });
      equal((await api.fetch('/test/echo')).status, 200, 'the status');
    })));
  }
  equal(told.local.length, 1, `warnings (${told.local})`);
}

export async function a_storage_that_is_full_loses_nothing_and_warns_once(world) {
  const { api, create, accessToken, stored, store, stats, expire } = await world.signIn();
  const full = { value() { throw new DOMException('The quota has been exceeded.', 'QuotaExceededError'); }, writable: true };
  const heard = await warnings(() => during(Storage.prototype, 'setItem', full, async () => {
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'after a refresh');
    equal((await create().fetch('/test/echo')).status, 200, 'another api of this page');
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'after another refresh');
  }));
  const { refreshes, reuses } = await stats();
  equal([refreshes, reuses, heard.length], [2, 0, 1], `refreshes, reuses and warnings (${heard})`);
  equal(heard[0].startsWith('tokenflight:') && !heard[0].includes(accessToken), true, 'the warning');
  equal(stored().access, accessToken, 'the storage is as it was');
  const next = await world.signIn();
  store(next.accessToken, next.refreshToken);
  equal((await api.fetch('/test/echo')).status, 200, 'with tokens that app code writes later');
  equal((await next.attempts()).length, 1, 'which are the ones that are used');
}

export async function a_storage_of_ones_own_that_throws_loses_nothing(world) {
  const wrong = () => { throw new Error('broken'); };
  const late = async () => wrong();
  for (const fail of [wrong, late]) {
    const heard = await warnings(() => liveWith(world, { storage: { get: fail, set: fail, remove: fail } }));
    equal(heard.length, 1, `warnings (${heard})`);
  }
}

export async function a_request_that_waits_for_a_storage_can_be_aborted({ signIn }) {
  const { create } = await signIn();
  const storage = { get: () => new Promise(() => {}), set() {}, remove() {} };
  for (const init of [{}, { method: 'POST', body: new Blob(['x']) }, { timeout: 5000 }]) {
    const controller = new AbortController();
    const reason = new Error('left');
    const response = create({ storage }).fetch('/test/echo', { ...init, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    same(await rejection(response), reason, 'the rejection');
  }
}

export async function what_a_storage_holds_besides_strings_is_no_token(world) {
  for (const value of [undefined, null, '', 0, 7, true, {}, [], Symbol('token')]) {
    const storage = { get: () => value, set() {}, remove() {} };
    const { create } = await world.signIn();
    const { headers } = await (await create({ storage }).fetch('/test/open')).json();
    equal('authorization' in headers, false, 'whether there is a header');
  }
}

export async function each_pair_of_keys_is_a_session_of_its_own({ signIn }) {
  const [one, two] = [await signIn(), await signIn()];
  await one.expire();
  await one.revoke();
  await rejection(one.api.fetch('/test/echo'));
  equal(one.stored(), { access: null, refresh: null }, 'the refused one');
  equal((await two.api.fetch('/test/echo')).status, 200, 'the other one');
  await until(() => one.events.length > 0, 'the event');
  equal([two.events.length, two.signedOut.length], [0, 0], 'what the other one heard');
}

export async function a_storage_that_never_answers_a_read_holds_up_a_request_for_seconds_only({ signIn }) {
  const { create } = await signIn();
  const storage = { get: () => new Promise(() => {}), set() {}, remove() {} };
  const heard = await warnings(async () => {
    const response = create({ storage }).fetch('/test/open');
    const took = await duration(response);
    check(took > 4000 && took < 7000, `it took ${took} ms`);
    const { headers } = await (await response).json();
    equal('authorization' in headers, false, 'whether there is a header');
  });
  equal(heard.length, 1, `warnings (${heard})`);
}

export async function a_storage_that_never_answers_a_write_holds_up_a_request_for_seconds_only({ signIn }) {
  const { create, accessToken, refreshToken } = await signIn();
  const never = () => new Promise(() => {});
  const storage = { get: async () => null, set: never, remove: never };
  const heard = await warnings(async () => {
    const api = create({ storage });
    const began = api.signIn({ accessToken, refreshToken });
    const response = api.fetch('/test/echo');
    const took = await duration(response);
    equal((await response).status, 200, 'the status');
    check(took < 12_000, `the request took ${took} ms`);
    check(await duration(began) < 12_000, 'signing in ends');
    equal(await api.getAccessToken(), accessToken, 'the token is kept in memory');
  });
  equal(heard.length, 1, `warnings (${heard})`);
}
