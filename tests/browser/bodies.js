// Every body is replayed byte for byte (rule 2.6).

import { check, equal, rejection, same } from './expect.js';
import { until } from './support.js';

const BYTES = Uint8Array.from({ length: 1000 }, (_, n) => (n * 7) % 256);

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
const sha256 = async (body) => hex(await crypto.subtle.digest('SHA-256', await new Response(body).arrayBuffer()));

/** Sends what the server refuses at first; compares what arrived then with the replay. */
async function replay({ signIn }, init, input = '/test/echo', options = {}) {
  const session = await signIn(options);
  await session.expire();
  const response = await session.api.fetch(input, init);
  equal(response.status, 200, 'the status of the replay');
  const [first, second, ...more] = await session.attempts();
  equal([first.authorized, second.authorized, more.length], [false, true, 0], 'attempts');
  for (const fact of ['method', 'url', 'contentType', 'length', 'sha256']) equal(second[fact], first[fact], fact);
  return { ...second, echo: await response.json() };
}

async function replays(world, init, { body = init.body, type } = {}) {
  const { sha256: arrived, contentType } = await replay(world, { method: 'POST', ...init });
  equal(arrived, await sha256(body), 'the body');
  if (type !== undefined) equal(contentType, type, 'the content type');
}

export async function strings_are_replayed_byte_for_byte(world) {
  const type = 'text/plain;charset=UTF-8';
  await replays(world, { body: 'plain' }, { type });
  await replays(world, { body: 'Zoë, 你好, 🚀, \u0000, \ud800, \r\n' }, { type });
  await replays(world, { body: 'x'.repeat(2_000_000) });
}

export async function json_is_replayed_with_its_content_type(world) {
  const init = { body: JSON.stringify({ a: [1, 'ü'] }), headers: { 'Content-Type': 'application/json' } };
  await replays(world, init, { type: 'application/json' });
}

export async function url_search_params_are_replayed(world) {
  const body = new URLSearchParams({ q: 'a b&c', ü: '€' });
  await replays(world, { body }, { type: 'application/x-www-form-urlencoded;charset=UTF-8' });
}

export async function a_form_is_replayed_with_its_files_and_the_same_boundary(world) {
  const body = new FormData();
  body.append('name', 'Ada\r\nLovelace');
  body.append('photo', new File([BYTES], 'photo 1.png', { type: 'image/png' }));
  body.append('note', new Blob(['a note'], { type: 'text/plain' }));
  const { contentType, echo } = await replay(world, { method: 'POST', body });
  const sent = Uint8Array.from(atob(echo.base64), (character) => character.charCodeAt(0));
  const form = await new Response(sent, { headers: { 'Content-Type': contentType } }).formData();
  equal([...form.keys()], ['name', 'photo', 'note'], 'the fields');
  equal(form.get('name'), 'Ada\r\nLovelace', 'the text');
  const photo = form.get('photo');
  equal([photo.name, photo.type, await sha256(photo)], ['photo 1.png', 'image/png', await sha256(BYTES)], 'the file');
}

export async function blobs_and_files_are_replayed(world) {
  await replays(world, { body: new Blob([BYTES, 'text']) });
  await replays(world, { body: new Blob(['{}'], { type: 'application/vnd.api+json' }) }, { type: 'application/vnd.api+json' });
  await replays(world, { body: new File([BYTES], 'bytes.bin', { type: 'application/zip' }) }, { type: 'application/zip' });
}

export async function buffers_and_views_are_replayed(world) {
  await replays(world, { body: BYTES.buffer }, { type: null });
  await replays(world, { body: BYTES.subarray(10, 50) });
  await replays(world, { body: new DataView(BYTES.buffer, 3, 100) });
  await replays(world, { body: new Float64Array([Math.PI, Number.NaN]) });
}

export async function a_large_body_is_replayed_whole(world) {
  const megabyte = new Uint8Array(1 << 20).fill(97);
  const { length } = await replay(world, { method: 'PUT', body: new Blob(Array(8).fill(megabyte)) });
  equal(length, 8 << 20, 'bytes');
}

export async function no_body_and_an_empty_one_stay_as_they_are(world) {
  for (const body of [undefined, null, '', new Blob([]), new Uint8Array(0), new URLSearchParams()]) {
    equal((await replay(world, { method: 'POST', body })).length, 0, 'bytes');
  }
}

export async function each_method_stays_what_it_is(world) {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'delete']) {
    for (const body of ['text', new Blob(['text'])]) {
      const { method: arrived, length } = await replay(world, { method, body });
      equal([arrived, length], [method.toUpperCase(), 4], 'method and length');
    }
  }
  equal((await replay(world, { method: 'DELETE' })).method, 'DELETE', 'the method without a body');
}

export async function a_request_is_replayed_and_is_consumed_at_once_as_fetch_consumes_it(world) {
  const url = `${world.server}/api/test/echo`;
  const request = new Request(url, { method: 'PUT', body: BYTES, headers: { 'X-Own': '1' } });
  const ours = replay(world, undefined, request);
  await until(() => request.bodyUsed, 'the body of the request is used');
  const { sha256: arrived, headers, method } = await ours;
  equal([arrived, headers['x-own'], method], [await sha256(BYTES), '1', 'PUT'], 'what arrived');

  const { api } = await world.signIn();
  const once = new Request(url, { method: 'POST', body: 'x' });
  const response = api.fetch(once);
  equal(once.bodyUsed, true, 'bodyUsed when fetch returns');
  equal((await response).status, 200, 'the status');
  const again = await rejection(api.fetch(once), TypeError);
  equal(again.name, (await rejection(fetch(once))).name, 'the second use, as with fetch');
}

export async function an_init_overrides_a_request_as_it_does_for_fetch(world) {
  const request = new Request(`${world.server}/api/test/echo`, { method: 'POST', body: 'old', headers: { 'X-A': '1' } });
  const init = { method: 'PATCH', body: 'new', headers: { 'X-B': '2' } };
  const { method, headers, sha256: arrived } = await replay(world, init, request);
  equal([method, arrived], ['PATCH', await sha256('new')], 'method and body');
  equal([headers['x-a'], headers['x-b']], [undefined, '2'], 'headers');
}

export async function a_stream_is_refused_as_the_browser_refuses_it_or_is_sent(world) {
  // Chromium streams over HTTP/2 only, and this server speaks HTTP/1.1. Firefox knows of no streams, and sends the
  // string that it makes of one. WebKit refuses them, but sends the clone of a Request that has one; and a clone is
  // what is sent where another may have to follow.
  const { api, expire } = await world.signIn();
  const sendClone = async (url, init) => fetch(new Request(url, init).clone());
  const post = (send, url, init) => send(url, { method: 'POST', ...init }).then(
    async (response) => [response.status, (await response.json()).sha256],
    ({ name, constructor }) => [name, constructor.name],
  );
  for (const init of [{ duplex: 'half' }, {}]) {
    const [theirs, ours] = [new Response(BYTES).body, new Response(BYTES).body];
    const native = await post(sendClone, `${world.server}/api/test/open`, { body: theirs, ...init });
    equal(await post(api.fetch, '/test/echo', { body: ours, ...init }), native, 'the outcome');
    equal(ours.locked, theirs.locked, 'whether the stream is locked');
    await expire();
    equal(await post(api.fetch, '/test/echo', { body: new Response(BYTES).body, ...init }), native, 'the replay');
  }
  equal((await api.fetch('/test/echo')).status, 200, 'the next request');
}

export async function a_stream_is_replayed_where_it_can_be_sent(world) {
  const collecting = async (input, init) => {
    const request = new Request(input, init);
    const { url, method, headers } = request;
    return fetch(url, { method, headers, body: await request.arrayBuffer() });
  };
  const init = () => ({ method: 'POST', body: new Response(BYTES).body, duplex: 'half' });
  const { sha256: arrived } = await replay(world, init(), '/test/echo', { fetch: collecting });
  // BYTES, but in Firefox, which makes a string of a stream.
  equal(arrived, await sha256(await new Request('/', init()).arrayBuffer()), 'the body');
}

export async function replay_false_refreshes_and_gives_the_caller_its_401(world) {
  for (const body of ['text', new Blob(['text'])]) {
    const { api, expire, stats, stored, accessToken } = await world.signIn();
    await expire();
    const response = await api.fetch('/test/echo', { method: 'POST', body, replay: false });
    equal([response.status, response.bodyUsed], [401, false], 'the response');
    equal((await response.json()).error, 'token_expired', 'its body');
    await until(() => stored().access !== accessToken, 'the refresh has landed');
    const { rotations, attempts } = await stats();
    equal([rotations, attempts.length], [1, 1], 'rotations and attempts');
  }
}

export async function a_body_that_nobody_replays_is_sent_once(world) {
  const { api, attempts } = await world.signIn();
  const blob = new Blob([BYTES]);
  const response = await api.fetch('/test/echo', { method: 'POST', body: blob });
  check(response instanceof Response, 'a native Response');
  equal((await attempts()).length, 1, 'attempts');
  same(blob.size, BYTES.length, 'the blob is still there');
}
