// The result of a call is the one that fetch gives (rules 1.2 and 2.9).

import { check, equal, rejection } from './expect.js';

/** Sends the same request with the platform's fetch, and with the token. */
const natively = (server, token) => (path, init = {}) => (
  fetch(`${server}/api${path}`, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } })
);

const facts = async (response) => {
  const { status, statusText, ok, type, url, redirected, bodyUsed } = response;
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
  return { status, statusText, ok, type, url, redirected, bodyUsed, headers };
};

export async function the_response_is_the_browsers_own({ signIn, server }) {
  const { api, accessToken, expire } = await signIn();
  const native = natively(server, accessToken);
  const content = '/test/content?type=text/css&body=x&status=201';
  for (const path of ['/test/open', content, '/test/redirect?to=/api/test/open', '/nowhere']) {
    const [own, theirs] = [await api.fetch(path), await native(path)];
    check(Object.getPrototypeOf(own) === Response.prototype && Object.keys(own).length === 0, 'a native Response');
    equal(await facts(own), await facts(theirs), path);
  }
  await expire();
  const replayed = await api.fetch('/test/content?type=text/plain&body=x');
  check(Object.getPrototypeOf(replayed) === Response.prototype && !replayed.bodyUsed, 'a native Response after a replay');
  equal(await replayed.clone().text(), 'x', 'its body, by a clone');
}

export async function the_promise_is_the_browsers_own({ signIn }) {
  const { api } = await signIn();
  for (const init of [undefined, { timeout: 5000 }, { method: 'POST', body: new Blob(['x']) }]) {
    const promise = api.fetch('/test/echo', init);
    equal(Object.getPrototypeOf(promise) === Promise.prototype, true, 'a native Promise');
    await promise;
  }
}

export async function the_body_streams_while_it_arrives({ signIn }) {
  const { api, expire } = await signIn();
  for (const replayed of [false, true]) {
    if (replayed) await expire();
    const { body } = await api.fetch('/test/stream?chunks=4&ms=80');
    const times = [];
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) times.push(performance.now());
    equal(times.length, 4, 'chunks');
    check(times.at(-1) - times[0] > 150, `they came over ${times.at(-1) - times[0]} ms`);
  }
}

export async function redirect_modes_are_those_of_fetch({ signIn, server }) {
  const { api, accessToken } = await signIn();
  const native = natively(server, accessToken);
  const path = '/test/redirect?to=/api/test/open';
  const [own, theirs] = [await api.fetch(path, { redirect: 'manual' }), await native(path, { redirect: 'manual' })];
  equal([await facts(own), own.type], [await facts(theirs), 'opaqueredirect'], 'manual');
  const ours = await rejection(api.fetch(path, { redirect: 'error' }));
  const its = await rejection(native(path, { redirect: 'error' }));
  equal([ours.name, ours.message], [its.name, its.message], 'error');
  for (const status of [301, 302, 303, 307, 308]) equal((await api.fetch(`${path}&status=${status}`)).redirected, true, `${status}`);
}

export async function modes_and_caches_are_passed_on({ signIn, createApi }) {
  const { api } = await signIn();
  for (const init of [
    { cache: 'no-store' }, { cache: 'reload' }, { cache: 'force-cache' }, { mode: 'cors' }, { priority: 'high' },
    { keepalive: true }, { keepalive: true, method: 'POST', body: 'x' }, { referrerPolicy: 'no-referrer' }, { window: null },
  ]) {
    equal((await api.fetch('/test/echo', init)).status, 200, JSON.stringify(init));
  }
  const page = createApi();
  const script = '/tests/browser/support.js';
  equal((await page.fetch(script, { mode: 'same-origin' })).type, 'basic', 'same-origin');
  equal((await rejection(api.fetch('/test/open', { mode: 'same-origin' }))).name, 'TypeError', 'same-origin to another origin');
  const bytes = await (await fetch(script)).arrayBuffer();
  const hash = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
  equal((await page.fetch(script, { integrity: `sha256-${hash}` })).status, 200, 'integrity');
}

export async function no_cors_is_what_it_is_with_fetch({ signIn, server }) {
  // Neither the token nor the status of the answer passes; where the body is JSON, Chromium lets nothing pass.
  const { api, accessToken, stats } = await signIn();
  const init = { mode: 'no-cors' };
  for (const path of ['/test/open', '/test/content?type=text/css', '/test/echo']) {
    const [own, theirs] = await Promise.allSettled([api.fetch(path, init), natively(server, accessToken)(path, init)]);
    const shape = ({ status, value, reason }) => [status, value?.type, value?.status, reason?.message];
    equal(shape(own), shape(theirs), path);
  }
  equal((await stats()).refreshes, 0, 'refreshes');
}

export async function the_referrer_policy_arrives({ signIn }) {
  const { api } = await signIn();
  const refererOf = async (init) => (await (await api.fetch('/test/open', init)).json()).headers.referer;
  equal(await refererOf({ referrerPolicy: 'no-referrer' }), undefined, 'none');
  equal(await refererOf({ referrerPolicy: 'origin' }), `${location.origin}/`, 'the origin');
  equal(await refererOf({ method: 'POST', body: new Blob(['x']), referrerPolicy: 'no-referrer' }), undefined, 'none beside a blob');
}

export async function cookies_go_as_credentials_say({ signIn, server }) {
  // Signing in with this style leaves cookies.
  const { create } = await signIn({}, { style: 'cookies' });
  const url = `${server}/api/test/open`;
  const arrives = async (response) => (await (await response).json()).headers.cookie !== undefined;
  const both = async (api, init) => [await arrives(api.fetch(url, init)), await arrives(fetch(url, init))];
  for (const credentials of ['include', 'same-origin', 'omit', undefined]) {
    for (const init of [{ credentials }, { credentials, method: 'POST', body: new Blob(['x']) }]) {
      const [own, theirs] = await both(create(), init);
      equal([own, own], [theirs, credentials === 'include'], `${credentials} by the request`);
    }
    const own = await arrives(create({ credentials }).fetch(url));
    equal(own, credentials === 'include', `${credentials} by the option`);
  }
  const eager = create({ credentials: 'include' });
  equal(await arrives(eager.fetch(url, { credentials: 'omit' })), false, 'the request overrides the option');
  const request = new Request(url, { credentials: 'omit' });
  equal(await arrives(eager.fetch(request)), false, 'a Request has its own');
}

export async function network_errors_are_the_browsers_own({ signIn, createApi }) {
  const { keys } = await signIn();
  const api = createApi({ ...keys, allowedOrigins: ['http://127.0.0.1:9'] });
  for (const init of [undefined, { method: 'POST', body: new Blob(['x']) }]) {
    const own = await rejection(api.fetch('http://127.0.0.1:9/', init), TypeError);
    const theirs = await rejection(fetch('http://127.0.0.1:9/', init));
    equal([own.name, own.message, own.constructor === theirs.constructor], [theirs.name, theirs.message, true], 'the error');
  }
}
