// The shape of axios (rule 1.3).

import { check, equal, rejection, same } from './expect.js';

const content = (type, body, status = 200) => (
  `/test/content?${new URLSearchParams({ ...(type && { type }), body, status })}`
);

export async function each_method_resolves_to_data_status_headers_and_response({ signIn }) {
  const { api, attempts } = await signIn();
  for (const method of ['get', 'delete', 'post', 'put', 'patch']) {
    const { data, status, headers, response, ...more } = await api[method]('/test/echo');
    equal([data.method, status, Object.keys(more)], [method.toUpperCase(), 200, []], method);
    check(headers instanceof Headers && response instanceof Response, 'native Headers and Response');
    equal([headers.get('content-type'), response.bodyUsed], ['application/json; charset=utf-8', true], 'headers, and bodyUsed');
  }
  const { data, status } = await api.head('/test/echo');
  equal([data, status], [null, 200], 'head');
  equal((await api.options('/test/open')).data.method, 'OPTIONS', 'options');
  equal((await attempts()).map(({ method }) => method), ['GET', 'DELETE', 'POST', 'PUT', 'PATCH', 'HEAD'], 'methods that arrived');
}

export async function plain_objects_and_arrays_go_as_json({ signIn }) {
  const { api, expire, attempts } = await signIn();
  class Point { x = 1; }
  for (const body of [{ a: 'ü', nested: [1] }, [1, 2], Object.create(null), new Point(), { toJSON: () => ({ b: 2 }) }]) {
    await expire();
    const { data } = await api.post('/test/echo', body);
    const text = new TextDecoder().decode(Uint8Array.from(atob(data.base64), (character) => character.charCodeAt(0)));
    equal(JSON.parse(text), JSON.parse(JSON.stringify(body)), 'the body');
    equal(data.headers['content-type'], 'application/json', 'the content type');
  }
  equal(new Set((await attempts()).map(({ contentType }) => contentType)).size, 1, 'content types of all attempts');
  const { data } = await api.put('/test/echo', { a: 1 }, { headers: { 'content-type': 'application/vnd.own+json' } });
  equal(data.headers['content-type'], 'application/vnd.own+json', 'a content type of one’s own');
}

export async function other_bodies_go_as_fetch_sends_them({ signIn }) {
  const { api } = await signIn();
  const form = new FormData();
  form.append('a', '1');
  for (const [body, type, length] of [
    ['text', 'text/plain;charset=UTF-8', 4],
    [new URLSearchParams({ a: '1' }), 'application/x-www-form-urlencoded;charset=UTF-8', 3],
    [new Blob(['{}'], { type: 'image/png' }), 'image/png', 2],
    [new Uint8Array(5), undefined, 5],
    [new Uint8Array(6).buffer, undefined, 6],
    [new DataView(new ArrayBuffer(7)), undefined, 7],
    [null, undefined, 0],
    [undefined, undefined, 0],
    ['', 'text/plain;charset=UTF-8', 0],
  ]) {
    const { data } = await api.post('/test/echo', body);
    equal([data.headers['content-type'], data.length], [type, length], String(body));
  }
  const { data } = await api.patch('/test/echo', form);
  check(data.headers['content-type'].startsWith('multipart/form-data; boundary='), 'a form');
  equal((await api.post('/test/echo', 7)).data.base64, btoa('7'), 'a number goes as JSON');
  equal((await api.post('/test/echo', false)).data.base64, btoa('false'), 'and so does false');
}

export async function answers_are_parsed_by_their_content_type({ signIn }) {
  const { api } = await signIn();
  for (const [type, body, expected] of [
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '[1]', [1]],
    ['APPLICATION/JSON', 'null', null],
    ['application/json', '', null],
    ['text/plain', '{"a":1}', '{"a":1}'],
    ['text/html', '<p>', '<p>'],
    ['application/xml', '<a/>', '<a/>'],
    ['text/plain', '', null],
  ]) {
    equal((await api.get(content(type, body))).data, expected, `${type}: ${body}`);
  }
  const { data } = await api.get(content('application/octet-stream', 'bytes'));
  check(data instanceof Blob && await data.text() === 'bytes', 'anything else is a Blob');
  for (const status of [204, 205]) equal((await api.get(content('application/json', '', status))).data, null, `${status}`);
  equal((await api.get(content('application/json', '{}', 201))).status, 201, 'the status');
}

export async function a_status_outside_the_200s_rejects_with_an_http_error({ signIn, HttpError }) {
  const { api } = await signIn();
  for (const [status, type, body, data] of [
    [404, 'application/json', '{"error":"none"}', { error: 'none' }],
    [422, 'text/plain', 'wrong', 'wrong'],
    [500, 'application/json', '{"broken', '{"broken'],
    [403, 'application/json', '', null],
  ]) {
    const error = await rejection(api.get(`${content(type, body, status)}&secret=x#y`), HttpError);
    equal([error.name, error.code, error.status, error.data], ['HttpError', 'HTTP_ERROR', status, data], 'the error');
    check(error instanceof Error && error.response instanceof Response && error.response.status === status, 'its response');
    check(error.message.includes('GET') && error.message.includes(`${status}`) && !error.message.includes('secret'), error.message);
  }
}

export async function a_successful_answer_that_cannot_be_parsed_rejects_with_its_text({ signIn, HttpError }) {
  const { api } = await signIn();
  const error = await rejection(api.get(content('application/json', '<html>')), HttpError);
  equal([error.status, error.data], [200, '<html>'], 'status and data');
  check(error.cause instanceof SyntaxError, `the cause: ${error.cause}`);
}

export async function a_call_that_is_aborted_while_its_body_is_read_rejects_with_its_reason({ signIn }) {
  const { api, expire } = await signIn();
  const reason = new Error('left');
  for (const responseType of [null, 'json', 'blob']) {
    for (const replayed of [false, true]) {
      if (replayed) await expire();
      const controller = new AbortController();
      const call = api.get('/test/stream?chunks=100&ms=30', { responseType, signal: controller.signal });
      setTimeout(() => controller.abort(reason), 300);
      same(await rejection(call), reason, `${responseType}, replayed: ${replayed}`);
    }
  }
}

export async function a_body_that_breaks_off_rejects_as_reading_it_does({ createApi, HttpError }) {
  const body = () => new ReadableStream({ start: (controller) => controller.error(new TypeError('lost')) });
  const expected = await rejection(new Response(body()).text());
  let status = 200;
  const api = createApi({ storage: 'memory', fetch: async () => new Response(body(), { status }) });
  const error = await rejection(api.get('/test/open'));
  equal([error.name, error.message], [expected.name, expected.message], 'a successful answer');
  status = 500;
  equal((await rejection(api.get('/test/open'), HttpError)).data, null, 'what is known of the body of an error');
}

export async function an_answer_without_a_body_holds_null_whatever_its_type({ createApi }) {
  const answer = (status, type) => async () => new Response(null, { status, headers: { 'Content-Type': type } });
  for (const type of ['application/json', 'text/plain', 'image/png']) {
    const head = createApi({ storage: 'memory', fetch: answer(200, type) });
    equal((await head.head('/test/open')).data, null, `HEAD, ${type}`);
    const empty = createApi({ storage: 'memory', fetch: answer(204, type) });
    equal((await empty.get('/test/open')).data, null, `204, ${type}`);
    equal((await rejection(createApi({ storage: 'memory', fetch: answer(404, type) }).head('/test/open'))).data, null, `404, ${type}`);
  }
}

export async function a_content_type_that_changes_from_call_to_call_is_read_anew({ signIn }) {
  const { api } = await signIn();
  for (let n = 0; n < 3; n += 1) {
    equal((await api.get(content('application/json', '{"a":1}'))).data, { a: 1 }, 'JSON');
    equal((await api.get(content('text/plain', '{"a":1}'))).data, '{"a":1}', 'text');
    equal((await api.get(content('', '{"a":1}'))).status, 200, 'no type');
  }
}

export async function a_401_that_stays_rejects_with_an_http_error({ signIn, HttpError }) {
  const { api, stats } = await signIn();
  const { status, data } = await rejection(api.get('/test/always-401'), HttpError);
  equal([status, data.error], [401, 'token_expired'], 'status and data');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function params_are_written_as_axios_writes_them({ signIn, server }) {
  const { api } = await signIn();
  const when = new Date(0);
  for (const [url, params, query] of [
    ['/test/open', { q: 'a b&c', n: 1, yes: true }, '?q=a+b%26c&n=1&yes=true'],
    ['/test/open', { gone: null, neither: undefined, empty: '', zero: 0 }, '?empty=&zero=0'],
    ['/test/open', { id: [1, 2] }, '?id%5B%5D=1&id%5B%5D=2'],
    ['/test/open', { of: { a: 1, b: { c: 2 } } }, '?of%5Ba%5D=1&of%5Bb%5D%5Bc%5D=2'],
    ['/test/open', { of: { a: [1, 2] } }, '?of%5Ba%5D%5B0%5D=1&of%5Ba%5D%5B1%5D=2'],
    ['/test/open', { list: [{ id: 1 }, null] }, '?list%5B0%5D%5Bid%5D=1'],
    ['/test/open', { 'id[]': [1, when], none: [] }, '?id%5B%5D=1&id%5B%5D=1970-01-01T00%3A00%3A00.000Z'],
    ['/test/open', { when }, '?when=1970-01-01T00%3A00%3A00.000Z'],
    ['/test/open', new URLSearchParams([['a', '1'], ['a', '2']]), '?a=1&a=2'],
    ['/test/open?a=1', { b: 2 }, '?a=1&b=2'],
    ['/test/open?a=1#part', { b: 2 }, '?a=1&b=2'],
    ['/test/open', {}, ''],
    ['/test/open', undefined, ''],
  ]) {
    const { response } = await api.get(url, { params });
    equal(response.url, `${server}/api/test/open${query}`, `${url} with ${JSON.stringify(params)}`);
  }
}

export async function a_response_type_reads_the_body_as_that({ signIn }) {
  const { api } = await signIn();
  const get = async (responseType, type = 'text/plain', body = '{"a":1}', status = 200) => (
    (await api.get(content(type, body, status), { responseType })).data
  );
  equal([await get('json'), await get('text', 'application/json'), await get(null)], [{ a: 1 }, '{"a":1}', '{"a":1}'], 'json, text, none');
  const blob = await get('blob', 'image/png');
  equal([blob instanceof Blob, blob.type, blob.size], [true, 'image/png', 7], 'blob');
  const buffer = await get('arraybuffer');
  equal([buffer instanceof ArrayBuffer, buffer.byteLength], [true, 7], 'arraybuffer');
  const stream = await get('stream');
  equal([stream instanceof ReadableStream, await new Response(stream).text()], [true, '{"a":1}'], 'stream');
  equal([await get('text', 'text/plain', ''), await get('json', 'text/plain', '')], ['', null], 'nothing');
  equal([(await get('blob', 'text/plain', '', 204)).size, await get('json', 'text/plain', '', 204)], [0, null], 'no content');
  const { data } = await api.request({ url: content('text/plain', '[1]'), responseType: 'json' });
  equal(data, [1], 'by api.request');
}

export async function an_error_is_parsed_by_its_content_type_whatever_was_asked_for({ signIn, HttpError }) {
  const { api } = await signIn();
  for (const responseType of ['json', 'text', 'blob', 'arraybuffer', 'stream']) {
    const asJson = await rejection(api.get(content('application/json', '{"error":"none"}', 404), { responseType }), HttpError);
    equal(asJson.data, { error: 'none' }, `JSON where ${responseType} was asked for`);
    const asPage = await rejection(api.get(content('text/html', '<p>gone', 410), { responseType }), HttpError);
    equal(asPage.data, '<p>gone', `a page where ${responseType} was asked for`);
  }
  const broken = await rejection(api.get(content('text/plain', '<html>'), { responseType: 'json' }), HttpError);
  check(broken.cause instanceof SyntaxError && broken.response.status === 200, 'it keeps the cause and the response');
}

export async function an_unknown_response_type_rejects_with_a_type_error({ signIn }) {
  const { api, attempts } = await signIn();
  for (const responseType of ['arrayBuffer', 'document', '', 5, {}]) {
    const { message } = await rejection(api.get('/test/echo?secret=x', { responseType }), TypeError);
    check(message.includes('responseType') && message.includes("'arraybuffer'") && !message.includes('secret'), message);
  }
  equal((await attempts()).length, 0, 'requests that were sent');
}

export async function an_object_becomes_a_form_where_the_content_type_says_so({ signIn }) {
  const { api, expire, attempts } = await signIn();
  await expire();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { data } = await api.post('/test/echo', { a: 'b c', list: [1, 2], none: null }, { headers });
  equal(atob(data.base64), 'a=b+c&list%5B%5D=1&list%5B%5D=2', 'the body');
  equal((await attempts()).map(({ contentType }) => contentType), Array(2).fill(headers['content-type']), 'the content type');
  const { message } = await rejection(api.post('/test/echo', { a: 1 }, { headers: { 'Content-Type': 'multipart/form-data' } }), TypeError);
  check(message.includes('POST /test/echo') && message.includes('FormData'), message);
}

export async function a_form_gets_its_boundary_whatever_content_type_was_given({ signIn }) {
  const { api, expire, attempts } = await signIn();
  await expire();
  const form = new FormData();
  form.append('file', new Blob(['bytes']), 'a.txt');
  const headers = Object.freeze({ 'Content-Type': 'multipart/form-data', 'X-A': '1' });
  const { data } = await api.post('/test/echo', form, { headers });
  check(/^multipart\/form-data; ?boundary=/.test(data.headers['content-type']), data.headers['content-type']);
  check(atob(data.base64).includes('bytes') && data.headers['x-a'] === '1', 'the body and the other headers');
  const [first, second] = await attempts();
  equal([first.sha256, first.authorized, second.authorized], [second.sha256, false, true], 'both attempts');
}

export async function request_takes_one_object({ signIn }) {
  const { api, expire, stats } = await signIn();
  await expire();
  const call = { url: '/test/echo', method: 'post', data: { a: 1 }, params: { q: 1 } };
  const config = Object.freeze({ ...call, headers: { 'X-A': '1' }, timeout: 5000 });
  const { data } = await api.request(config);
  equal([data.method, data.base64, data.headers['x-a']], ['POST', btoa('{"a":1}'), '1'], 'what arrived');
  equal((await api.request({ url: '/test/echo' })).data.method, 'GET', 'the method by default');
  equal((await stats()).attempts.map(({ url }) => url).slice(0, 2), Array(2).fill('/api/test/echo?q=1'), 'the URL');
  const reason = new Error('left');
  same(await rejection(api.request({ url: '/test/echo', signal: AbortSignal.abort(reason) })), reason, 'a signal');
  equal((await rejection(api.request({ url: '/test/slow?ms=2000', timeout: 50 }))).name, 'TimeoutError', 'a timeout');
}

export async function a_call_is_refreshed_and_replayed_like_any_other({ signIn, SignInRequiredError }) {
  const { api, expire, stats, revoke } = await signIn();
  await expire();
  const calls = ['post', 'put', 'patch'].map((method) => api[method]('/test/echo', { a: 1 }));
  calls.push(api.get('/test/echo'), api.delete('/test/echo', { data: { a: 1 } }));
  equal((await Promise.all(calls)).map(({ status }) => status), Array(5).fill(200), 'statuses');
  equal((await stats()).refreshes, 1, 'refreshes');
  await revoke();
  await rejection(api.get('/test/echo'), SignInRequiredError);
}
