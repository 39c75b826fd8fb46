// To whom the token goes, and how URLs are joined (rules 1.4 and 2.2).

import { equal } from './expect.js';

const authorizationOf = async (response) => (await response.json()).headers.authorization;

export async function to_a_foreign_origin_everything_passes_untouched({ signIn, other }) {
  const { api, expire, stats } = await signIn({ headers: { 'X-App': 'shop' }, credentials: 'include' });
  equal(await authorizationOf(await api.fetch(`${other}/api/test/open`)), undefined, 'the header');
  await expire();
  for (const input of [`${other}/api/test/echo`, new URL(`${other}/api/test/echo`), new Request(`${other}/api/test/echo`)]) {
    const response = await api.fetch(input);
    equal([response.status, (await response.json()).error], [401, 'token_missing'], 'its 401');
  }
  equal((await stats()).refreshes, 0, 'refreshes');
}

export async function an_allowed_origin_gets_the_token_and_is_refreshed({ signIn, other }) {
  const { api, expire, stats } = await signIn({ allowedOrigins: ['https://elsewhere.example', other] });
  await expire();
  const response = await api.fetch(`${other}/api/test/echo`);
  equal([response.status, new URL(response.url).origin], [200, other], 'the response');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function another_port_host_or_scheme_is_another_origin({ signIn, createApi, server, other }) {
  const { keys } = await signIn();
  const { port } = new URL(other);
  const near = [`http://localhost:${port}`, `https://127.0.0.1:${port}`, other.slice(0, -1), server];
  const api = createApi({ ...keys, allowedOrigins: near });
  equal(await authorizationOf(await api.fetch(`${other}/api/test/open`)), undefined, 'the header');
}

export async function tricks_with_slashes_do_not_lead_the_token_astray({ signIn, createApi, server, other }) {
  const { keys } = await signIn();
  const host = new URL(other).host;
  const path = 'api/test/open';
  const base = document.createElement('base');
  for (const trick of [
    `//${host}/${path}`, `/\\${host}/${path}`, `\\\\${host}/${path}`, `\\/${host}/${path}`, `/\t/${host}/${path}`,
    `\t//${host}/${path}`, ` //${host}/${path}`, `/\n/${host}/${path}`, `\n/\r/${host}/${path}`, `\u0000//${host}/${path}`,
    `///${host}/${path}`, `http:\\\\${host}\\${path}`, `HTTP://${host}/${path}`, `http:${other.slice(5)}/${path}`,
    `ht\ntp://${host}/${path}`, `http:///${host}/${path}`,
  ]) {
    const reached = new URL(trick, location.href).origin;
    equal(reached, other, `where ${JSON.stringify(trick)} leads to`);
    const bare = createApi({ ...keys, allowedOrigins: [server] });
    equal(await authorizationOf(await bare.fetch(trick)), undefined, `the header with ${JSON.stringify(trick)}`);
    const based = createApi({ ...keys, baseURL: `${server}/api` });
    const response = await based.fetch(trick);
    const { origin } = new URL(response.url);
    if (origin === other) equal(await authorizationOf(response), undefined, `and with a baseURL`);
    else equal(origin, server, `where ${JSON.stringify(trick)} leads to with a baseURL`);
  }
  // A base element leads relative URLs elsewhere.
  base.href = `${other}/`;
  document.head.append(base);
  try {
    const bare = createApi({ ...keys, allowedOrigins: [server] });
    for (const input of [`/${path}`, path, './' + path]) {
      equal(await authorizationOf(await bare.fetch(input)), undefined, `${input} with a base element`);
    }
  } finally {
    base.remove();
  }
}

export async function data_and_blob_urls_pass_as_they_are({ signIn, createApi }) {
  const { api, keys } = await signIn();
  const blob = URL.createObjectURL(new Blob(['of a blob']));
  for (const one of [api, createApi({ ...keys })]) {
    equal(await (await one.fetch('data:text/plain,of%20data')).text(), 'of data', 'data:');
    equal(await (await one.fetch(blob)).text(), 'of a blob', 'blob:');
  }
  URL.revokeObjectURL(blob);
}

export async function a_redirect_within_the_origin_is_followed({ signIn, server }) {
  const { api, expire, stats } = await signIn();
  await expire();
  const url = `/test/redirect?to=${encodeURIComponent('/api/test/echo?after=redirect')}`;
  const response = await api.fetch(url);
  equal([response.status, response.redirected], [200, true], 'the response');
  equal(response.url, `${server}/api/test/echo?after=redirect`, 'its URL');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function a_401_after_a_redirect_within_the_origin_is_ours({ signIn }) {
  const { api, stats } = await signIn();
  const response = await api.fetch('/test/redirect?to=/api/test/always-401');
  equal(response.status, 401, 'the status');
  const { refreshes, unauthorized } = await stats();
  equal([refreshes, unauthorized], [1, 2], 'refreshes and 401s');
}

export async function a_401_after_a_redirect_to_another_origin_is_not_ours({ signIn, other }) {
  const { api, stats } = await signIn();
  const to = encodeURIComponent(`${other}/api/test/open?status=401`);
  const response = await api.fetch(`/test/redirect?to=${to}`);
  equal([response.status, response.redirected, new URL(response.url).origin], [401, true, other], 'the response');
  equal(await authorizationOf(response), undefined, 'the header that arrived there');
  equal((await stats()).refreshes, 0, 'refreshes');
}

// As axios joins them (its combineURLs and isAbsoluteURL).
const joined = (base, url) => {
  if (/^([a-z][a-z\d+\-.]*:)?\/\//i.test(url)) return url;
  return url ? `${base.replace(/\/?\/$/, '')}/${url.replace(/^\/+/, '')}` : base;
};

export async function a_base_url_is_joined_as_axios_joins_it({ signIn, server, other }) {
  const { create } = await signIn();
  const bases = [`${server}/api`, `${server}/api/`, `${server}`, `${server}/`, '/base', 'base', `//${new URL(server).host}/x`];
  const urls = [
    'test/open', '/test/open', '?a=1', '', '/', './test', '../up', 'a:b', '/a//b', '/x?u=http://y', '#f',
    `${other}/api/test/open`, `//${new URL(other).host}/api/test/open`,
  ];
  for (const baseURL of bases) {
    const api = create({ baseURL });
    for (const url of urls) {
      const expected = new URL(joined(baseURL, url), location.href);
      expected.hash = '';
      equal((await api.fetch(url)).url, expected.href, `${baseURL} and ${url}`);
    }
  }
}

export async function without_a_base_url_relative_urls_are_the_pages({ createApi }) {
  const api = createApi();
  for (const url of ['/tests/browser/support.js', 'tests/browser/support.js', './tests/browser/support.js']) {
    const response = await api.fetch(url);
    equal([response.status, response.url], [200, `${location.origin}/tests/browser/support.js`], url);
  }
}

export async function url_objects_and_requests_are_not_joined({ signIn, server }) {
  const { create } = await signIn();
  const api = create({ baseURL: `${server}/api/nowhere` });
  const url = `${server}/api/test/open`;
  for (const input of [new URL(url), new Request(url)]) equal((await api.fetch(input)).url, url, 'the URL');
}

export async function a_replay_goes_where_the_request_went_whatever_becomes_of_the_page({ signIn, server, other }) {
  const { create, expire, faults, attempts, stats } = await signIn();
  const base = document.createElement('base');
  const { href } = location;
  document.head.append(base);
  try {
    for (const init of [{ method: 'DELETE' }, { method: 'POST', body: new Blob(['x']) }, { method: 'PUT', timeout: 5000 }]) {
      base.href = `${server}/api/test/`;
      const api = create({ baseURL: undefined, allowedOrigins: [server], refreshURL: `${server}/api/refresh-token` });
      await expire();
      await faults({ delay: 100 });
      const { refreshes } = await stats();
      const answer = api.fetch('echo', init);
      while ((await stats()).refreshes === refreshes);
      base.href = `${other}/api/test/`;
      history.pushState(null, '', `${location.origin}/elsewhere/`);
      const response = await answer;
      equal([response.status, response.url], [200, `${server}/api/test/echo`], 'the answer');
      history.replaceState(null, '', href);
    }
  } finally {
    base.remove();
    history.replaceState(null, '', href);
  }
  equal((await attempts()).map(({ method, authorized, headers }) => [method, authorized, headers.host]),
    ['DELETE', 'POST', 'PUT'].flatMap((method) => [false, true].map((authorized) => [method, authorized, new URL(server).host])), 'attempts');
}

export async function a_request_of_another_realm_is_known({ signIn, server, other }) {
  const { api, create, expire, attempts } = await signIn();
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const { Request: Foreign, Headers: ForeignHeaders, URL: ForeignURL, AbortController: ForeignController } = frame.contentWindow;
  const url = `${server}/api/test/echo`;
  for (const one of [api, create({ hooks: { onRequest() {} } }), create({ timeout: 5000 })]) {
    await expire();
    const request = new Foreign(url, { method: 'PUT', body: 'x', headers: new ForeignHeaders({ 'X-A': '1' }) });
    equal((await one.fetch(request)).status, 200, 'the status');
    equal((await one.fetch(new ForeignURL(url), { signal: new ForeignController().signal })).status, 200, 'the status by a URL');
  }
  const got = (await attempts()).filter(({ method }) => method === 'PUT').map(({ length, authorized, headers }) => [length, authorized, headers['x-a']]);
  equal(got, Array(3).fill([[1, false, '1'], [1, true, '1']]).flat(), 'attempts');
  const elsewhere = await api.fetch(new Foreign(`${other}/api/test/open`));
  equal([elsewhere.status, await authorizationOf(elsewhere)], [200, undefined], 'to another origin');
  frame.remove();
}

export async function no_cors_to_the_own_origin_becomes_same_origin({ signIn, createApi }) {
  const { keys } = await signIn();
  const sent = [];
  const api = createApi({ ...keys, fetch: (input, init) => { sent.push(new Request(input, init)); return fetch(input, init); } });
  const path = '/tests/browser/support.js';
  for (const args of [[path, { mode: 'no-cors' }], [new Request(path, { mode: 'no-cors' })]]) {
    equal((await api.fetch(...args)).status, 200, 'the status');
  }
  equal(sent.map(({ mode, headers }) => [mode, headers.has('authorization')]), Array(2).fill(['same-origin', true]), 'what was sent');
}
