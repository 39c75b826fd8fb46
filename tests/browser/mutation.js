// All arguments are read before the call returns, and none of them is changed (rules 2.6 and 2.9).

import { equal } from './expect.js';

/** Sends, then spoils what was sent, and tells what the server got at the refusal and at the replay. */
async function spoil({ signIn }, init, act, read) {
  const { api, expire, attempts } = await signIn();
  await expire();
  const response = api.fetch('/test/echo', init);
  act();
  equal((await response).status, 200, 'the status');
  const got = (await attempts()).map(read);
  equal(got.length, 2, 'attempts');
  equal(got[1], got[0], 'the replay');
  return got[0];
}

export async function headers_that_change_later_change_nothing(world) {
  const read = ({ headers }) => [headers['x-a'], headers['x-b']];
  const changed = { 'X-A': '2', 'X-B': '2' };
  for (const [make, change] of [
    [() => ({ 'X-A': '1' }), (headers) => Object.assign(headers, changed)],
    [() => new Headers({ 'X-A': '1' }), (headers) => Object.entries(changed).forEach((entry) => headers.set(...entry))],
    [() => [['X-A', '1']], (headers) => headers.splice(0, 1, ...Object.entries(changed))],
  ]) {
    for (const init of [{}, { method: 'POST', body: new Blob(['x']) }]) {
      const headers = make();
      equal(await spoil(world, { ...init, headers }, () => change(headers), read), ['1', undefined], String(make));
    }
  }
}

export async function bodies_that_change_later_change_nothing(world) {
  const read = ({ length, sha256 }) => [length, sha256];
  const kinds = {
    bytes: [() => Uint8Array.from([1, 2, 3]), (bytes) => bytes.fill(9)],
    'an ArrayBuffer': [() => Uint8Array.from([1, 2, 3]).buffer, (buffer) => new Uint8Array(buffer).fill(9)],
    'a transferred ArrayBuffer': [
      () => Uint8Array.from([1, 2, 3]).buffer,
      (buffer) => structuredClone(buffer, { transfer: [buffer] }),
    ],
    URLSearchParams: [() => new URLSearchParams({ a: '1' }), (params) => params.append('b', '2')],
    FormData: [() => form(), (fields) => fields.append('more', 'of it')],
  };
  for (const [kind, [make, change]] of Object.entries(kinds)) {
    const [spoilt, untouched] = [make(), make()];
    const got = await spoil(world, { method: 'POST', body: spoilt }, () => change(spoilt), read);
    const expected = await spoil(world, { method: 'POST', body: untouched }, () => {}, read);
    equal(got, expected, kind);
  }
}

function form() {
  const fields = new FormData();
  fields.append('a', '1');
  return fields;
}

export async function an_init_that_changes_later_changes_nothing(world) {
  const read = ({ method, length, headers }) => [method, length, headers['x-a']];
  for (const body of ['four', new Blob(['four'])]) {
    const init = { method: 'PUT', body, headers: { 'X-A': '1' } };
    const changed = { method: 'DELETE', body: 'other', headers: { 'X-A': '2' }, signal: AbortSignal.abort() };
    equal(await spoil(world, init, () => Object.assign(init, changed), read), ['PUT', 4, '1'], 'what was sent');
  }
}

export async function a_url_that_changes_later_changes_nothing(world) {
  const { api, expire, attempts } = await world.signIn();
  await expire();
  const url = new URL(`${world.server}/api/test/echo?n=1`);
  const response = api.fetch(url);
  url.search = '?n=2';
  await response;
  equal((await attempts()).map(({ url: path }) => path), ['/api/test/echo?n=1', '/api/test/echo?n=1'], 'the URLs');
}

export async function inits_and_headers_are_never_changed(world) {
  const { api, expire } = await world.signIn({ headers: { 'X-Default': '1' }, credentials: 'omit', timeout: 5000 });
  for (const body of ['text', new Blob(['text'])]) {
    await expire();
    const headers = new Headers({ 'X-A': '1' });
    const init = Object.freeze({ method: 'POST', body, headers });
    equal((await api.fetch('/test/echo', init)).status, 200, 'the status');
    equal([...headers], [['x-a', '1']], 'the headers');
    const plain = Object.freeze({ 'X-A': '1' });
    equal((await api.fetch('/test/echo', { ...init, headers: plain })).status, 200, 'the status');
    equal(plain, { 'X-A': '1' }, 'an object of headers');
  }
  const call = Object.freeze({ params: Object.freeze({ q: 'x' }), headers: new Headers() });
  await api.post('/test/echo', Object.freeze({ a: 1 }), call);
  equal([...call.headers], [], 'the headers of a call');
}

export async function one_init_serves_many_requests_and_several_apis(world) {
  const [one, two] = [await world.signIn(), await world.signIn({ header: 'X-Access-Token' })];
  const init = { method: 'POST', body: 'text', headers: { 'X-A': '1' } };
  for (const { api } of [one, two, one]) await api.fetch('/test/echo', init);
  const [{ headers }] = await two.attempts();
  equal([headers.authorization, 'x-access-token' in headers], [undefined, true], 'the headers of the second api');
  equal((await one.attempts()).length, 2, 'attempts of the first');
}

export async function what_an_init_inherits_counts_as_it_does_for_fetch(world) {
  const { api, attempts } = await world.signIn();
  class Settings {
    get method() { return 'PUT'; }
    get body() { return 'inherited'; }
  }
  await api.fetch('/test/echo', new Settings());
  await api.fetch('/test/echo', Object.create({ method: 'PATCH' }));
  await api.fetch('/test/echo', { get method() { return 'DELETE'; } });
  const got = (await attempts()).map(({ method, length }) => [method, length]);
  equal(got, [['PUT', 9], ['PATCH', 0], ['DELETE', 0]], 'methods and lengths');
}
