// Functions around a request, and the fetch underneath (rules 1.2 and 1.4).

import { check, equal, rejection, same } from './expect.js';
import { during, pause } from './support.js';

const unhandled = () => {
  const errors = [];
  const listener = (event) => { errors.push(event.error); event.preventDefault(); };
  addEventListener('error', listener);
  return { errors, end: () => removeEventListener('error', listener) };
};

export async function is_unauthorized_may_read_a_clone({ signIn }) {
  const later = async (response) => response.status === 401 || (await response.clone().json()).code === 40101;
  const { api, expire, stats } = await signIn({ isUnauthorized: later });
  await expire();
  const { code, data } = await (await api.fetch('/test/code-40101')).json();
  equal([code, data.user], [0, 'ada'], 'the answer of the replay');
  equal((await stats()).refreshes, 1, 'refreshes');
  equal((await (await api.fetch('/test/code-40101')).json()).code, 0, 'the next one');
  equal((await stats()).refreshes, 1, 'refreshes after the next one');
}

export async function is_unauthorized_decides_alone({ signIn }) {
  const { api, expire, stats } = await signIn({ isUnauthorized: () => false });
  await expire();
  equal([(await api.fetch('/test/echo')).status, (await stats()).refreshes], [401, 0], 'the status, and refreshes');
  const { api: eager, stats: records } = await signIn({ isUnauthorized: ({ status }) => status === 200 });
  equal((await eager.fetch('/test/echo')).status, 200, 'a permanent one is returned');
  const { refreshes, attempts } = await records();
  equal([refreshes, attempts.length], [1, 2], 'refreshes and attempts');
}

export async function is_unauthorized_that_throws_leaves_it_to_the_status({ signIn }) {
  const error = new Error('own');
  for (const fail of [() => { throw error; }, async () => { throw error; }]) {
    const { api, expire, stats } = await signIn({ isUnauthorized: fail });
    const { errors, end } = unhandled();
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'the status');
    equal((await stats()).refreshes, 1, 'refreshes');
    same(errors[0], error, 'what the page is told of');
    equal((await api.fetch('/test/echo')).status, 200, 'the next one');
    equal((await stats()).refreshes, 1, 'refreshes after the next one');
    end();
  }
}

export async function on_request_runs_once_for_each_attempt_before_the_token({ signIn }) {
  const seen = [];
  const onRequest = (request) => {
    seen.push([request.method, request.headers.get('authorization')]);
    request.headers.set('X-Attempt', `${seen.length}`);
  };
  const { api, expire, attempts } = await signIn({ hooks: { onRequest } });
  await expire();
  equal((await api.fetch('/test/echo', { method: 'POST', body: 'text' })).status, 200, 'the status');
  equal(seen, [['POST', null], ['POST', null]], 'what the hook saw');
  const got = (await attempts()).map(({ headers, length }) => [headers['x-attempt'], length, headers.authorization !== undefined]);
  equal(got, [['1', 4, true], ['2', 4, true]], 'what arrived');
}

export async function on_request_may_send_another_request({ signIn, server }) {
  const onRequest = async (request) => {
    await pause(1);
    return new Request(`${server}/api/test/echo?other`, { method: 'PUT', body: `${await request.text()}, signed` });
  };
  const { api, expire, attempts } = await signIn({ hooks: { onRequest } });
  await expire();
  equal((await api.fetch('/test/echo', { method: 'POST', body: 'text' })).status, 200, 'the status');
  const got = (await attempts()).map(({ url, method, length }) => [url, method, length]);
  equal(got, Array(2).fill(['/api/test/echo?other', 'PUT', 12]), 'what arrived');
}

export async function a_hook_never_carries_the_token_to_a_foreign_origin({ signIn, other }) {
  for (const init of [undefined, { method: 'POST', body: 'x' }]) {
    let path = 'open';
    const onRequest = () => new Request(`${other}/api/test/${path}`);
    const { api, expire, stats } = await signIn({ hooks: { onRequest } });
    const response = await api.fetch('/test/echo', init);
    equal(new URL(response.url).origin, other, 'where the hook led to');
    equal((await response.json()).headers.authorization, undefined, 'the header');
    path = 'echo';
    await expire();
    equal((await api.fetch('/test/echo', init)).status, 401, 'its 401 is the caller’s');
    equal((await stats()).refreshes, 0, 'refreshes');
  }
}

export async function on_response_sees_what_the_caller_gets_and_may_replace_it({ signIn }) {
  const seen = [];
  const onResponse = (response, request) => { seen.push([response.status, new URL(request.url).pathname, request instanceof Request]); };
  const { api, expire, create } = await signIn({ hooks: { onResponse } });
  await expire();
  const response = await api.fetch('/test/echo', { method: 'POST', body: 'x' });
  equal(seen, [[200, '/api/test/echo', true]], 'what the hook saw');
  check(!response.bodyUsed, 'its body is unread');
  const made = new Response('made', { status: 202 });
  same(await create({ hooks: { onResponse: async () => made } }).fetch('/test/echo'), made, 'the replacement');
}

export async function a_hook_that_throws_rejects_its_request_only({ signIn }) {
  const error = new Error('own');
  for (const hook of ['onRequest', 'onResponse']) {
    let fails = true;
    const { api } = await signIn({ hooks: { [hook]() { if (fails) throw error; } } });
    same(await rejection(api.fetch('/test/echo')), error, hook);
    fails = false;
    equal((await api.fetch('/test/echo')).status, 200, 'the next one');
  }
}

export async function a_request_can_be_aborted_while_a_hook_runs({ signIn }) {
  const { api } = await signIn({ hooks: { onRequest: () => new Promise(() => {}) } });
  const reason = new Error('left');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  same(await rejection(api.fetch('/test/echo', { signal: controller.signal })), reason, 'the rejection');
}

export async function the_fetch_underneath_can_be_chosen({ signIn }) {
  const calls = [];
  function underneath(input, init) {
    calls.push(new URL(String(input.url ?? input)).pathname);
    return fetch(input, init);
  }
  const { api, expire } = await signIn({ fetch: underneath });
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  equal(calls, ['/api/test/echo', '/api/refresh-token', '/api/test/echo'], 'calls');
  const error = new Error('own');
  const { api: broken } = await signIn({ fetch: () => { throw error; } });
  same(await rejection(broken.fetch('/test/echo')), error, 'what it throws is a rejection');
}

export async function it_can_take_the_place_of_the_global_fetch({ signIn, server }) {
  const { create, expire, stats, attempts } = await signIn();
  const api = create({ allowedOrigins: [server] });
  await during(globalThis, 'fetch', { value: api.fetch, writable: true }, async () => {
    await expire();
    equal((await fetch(`${server}/api/test/echo`)).status, 200, 'the status');
    equal((await globalThis.fetch(new Request(`${server}/api/test/echo`))).status, 200, 'with a Request');
    // One that is made now wraps the wrapper.
    equal((await create().fetch('/test/echo')).status, 200, 'with another api on top');
  });
  const { refreshes } = await stats();
  equal([refreshes, (await attempts()).length], [1, 4], 'refreshes and attempts');
  equal((await fetch(`${server}/api/test/echo`)).status, 401, 'the platform’s own is back');
}

export async function is_unauthorized_may_ask_for_a_replay({ signIn }) {
  let asked = 0;
  const seen = [];
  const { api, stats } = await signIn({
    isUnauthorized: () => { asked += 1; return asked === 1 ? 'replay' : false; },
    hooks: { onRequest: (request) => { seen.push(request.method); } },
  });
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  const { refreshes, attempts } = await stats();
  equal([refreshes, attempts.length, seen], [0, 2, ['GET', 'GET']], 'refreshes, attempts, and runs of the hook');
}

export async function what_never_answers_holds_up_its_own_request_alone({ signIn }) {
  const never = () => new Promise(() => {});
  for (const [name, options] of Object.entries({
    isUnauthorized: { isUnauthorized: never },
    'hooks.onRequest': { hooks: { onRequest: never } },
    'hooks.onResponse': { hooks: { onResponse: never } },
  })) {
    const { api, create } = await signIn({ refreshTimeout: 200, lockTimeout: 200, ...options });
    const { message } = await rejection(api.fetch('/test/echo'));
    equal(message, `${name} has not answered within refreshTimeout (200 ms).`, name);
    const other = create({ isUnauthorized: undefined, hooks: undefined });
    equal((await other.fetch('/test/echo')).status, 200, 'another request');
  }
}
