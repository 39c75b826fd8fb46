// Which requests carry the token, and how (rules 2.1 and 2.2).

import { check, equal } from './expect.js';

const sentHeaders = async (response) => (await response.json()).headers;

export async function a_token_that_app_code_wrote_is_read_at_each_request({ signIn }) {
  const first = await signIn();
  const second = await signIn();
  equal((await first.api.fetch('/test/echo')).status, 200, 'with the first token');
  localStorage.setItem(first.keys.accessTokenKey, second.accessToken);
  const headers = await sentHeaders(await first.api.fetch('/test/echo'));
  equal(headers.authorization, `Bearer ${second.accessToken}`, 'the header');
  equal((await first.attempts()).length, 1, 'attempts with the first token');
  equal((await second.attempts()).length, 1, 'attempts with the second token');
}

export async function without_a_token_no_header_is_sent({ signIn }) {
  const { api, store } = await signIn();
  store(null, null);
  const headers = await sentHeaders(await api.fetch('/test/open'));
  equal('authorization' in headers, false, 'whether there is a header');
}

export async function header_and_scheme_can_be_chosen({ signIn }) {
  for (const [options, name, prefix] of [
    [{ scheme: 'Token' }, 'authorization', 'Token '],
    [{ scheme: '' }, 'authorization', ''],
    [{ header: 'X-Access-Token', scheme: '' }, 'x-access-token', ''],
    [{ header: 'X-Access-Token' }, 'x-access-token', 'Bearer '],
  ]) {
    const { api, accessToken, attempts, expire, stored } = await signIn(options);
    await api.fetch('/test/echo');
    await expire();
    equal((await api.fetch('/test/echo')).status, 200, 'after a refresh');
    const tokens = [accessToken, accessToken, stored().access];
    equal((await attempts()).map(({ headers }) => headers[name]), tokens.map((token) => prefix + token), name);
    if (name !== 'authorization') equal((await attempts())[2].headers.authorization, undefined, 'Authorization');
  }
}

export async function default_headers_go_along_unless_the_request_sets_them({ signIn, other }) {
  const { api, expire, attempts } = await signIn({ headers: { 'X-App': 'shop', 'X-Version': '1' } });
  await expire();
  await api.fetch('/test/echo', { headers: { 'x-version': '2' } });
  await api.fetch('/test/echo', { method: 'POST', body: new Blob(['x']), headers: { 'x-version': '3' } });
  const sent = (await attempts()).map(({ headers }) => [headers['x-app'], headers['x-version']]);
  equal(sent, [['shop', '2'], ['shop', '2'], ['shop', '3']], 'X-App and X-Version of each attempt');
  const foreign = await sentHeaders(await api.fetch(`${other}/api/test/open`));
  equal(foreign['x-app'], undefined, 'X-App to a foreign origin');
}

export async function an_authorization_of_the_callers_is_left_alone_and_its_401_too({ signIn, server }) {
  const { api, stats, accessToken } = await signIn();
  const own = { headers: { Authorization: 'Basic YWRhOmFkYQ==' } };
  const headers = await sentHeaders(await api.fetch('/test/open', own));
  equal(headers.authorization, own.headers.Authorization, 'the header');
  equal((await api.fetch('/test/echo', own)).status, 401, 'by init');
  const request = new Request(`${server}/api/test/echo`, own);
  equal((await api.fetch(request)).status, 401, 'by Request');
  const { status } = await api.fetch('/test/always-401', { headers: { Authorization: `Bearer ${accessToken}` } });
  equal(status, 401, 'with a token of its own');
  const { refreshes, unauthorized } = await stats();
  equal({ refreshes, unauthorized }, { refreshes: 0, unauthorized: 1 }, 'on the server');
}

export async function auth_false_sends_no_token_and_refreshes_nothing({ signIn }) {
  const { api, stats } = await signIn();
  const headers = await sentHeaders(await api.fetch('/test/open', { auth: false }));
  equal('authorization' in headers, false, 'whether there is a header');
  equal((await api.fetch('/test/echo', { auth: false })).status, 401, 'the status');
  equal((await stats()).refreshes, 0, 'refreshes');
}

export async function the_defaults_are_the_articles({ createApi, signIn, server }) {
  const { accessToken, refreshToken, expire, stats } = await signIn();
  localStorage.setItem('accessToken', accessToken);
  localStorage.setItem('refreshToken', refreshToken);
  const api = createApi({ baseURL: `${server}/api` });
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  equal(localStorage.getItem('accessToken') === accessToken, false, 'whether the old access token is stored');
  equal(localStorage.getItem('refreshToken') === refreshToken, false, 'whether the old refresh token is stored');
  equal((await stats()).rotations, 1, 'rotations');
  await api.signOut();
}

export async function strings_url_objects_and_requests_get_the_token_alike({ signIn, server }) {
  const { api, attempts } = await signIn();
  const url = `${server}/api/test/echo`;
  for (const input of ['/test/echo', 'test/echo', url, new URL(url), new Request(url), { toString: () => url }]) {
    equal((await api.fetch(input)).status, 200, String(input));
  }
  equal((await attempts()).every(({ authorized }) => authorized), true, 'whether all were let in');
}

export async function each_attempt_has_headers_of_its_own({ signIn }) {
  for (const init of [undefined, {}, { headers: { 'X-A': '1' } }]) {
    const seen = [];
    const own = (input, given) => {
      seen.push(given);
      return fetch(input, given);
    };
    const { api, accessToken, expire, stored } = await signIn({ fetch: own });
    await expire();
    await api.fetch('/test/echo', init);
    const { access } = stored();
    equal((await api.fetch('/test/echo', init)).status, 200, 'a further request');
    const sent = seen.filter(({ method }) => !method).map(({ headers }) => new Headers(headers));
    equal(sent.at(-1).get('authorization'), `Bearer ${access}`, 'the new token');
    equal(sent.at(-1).get('x-a'), init?.headers ? '1' : null, 'the header of the caller');
    check(accessToken !== access && init?.headers?.Authorization === undefined, 'the init of the caller is as it was');
  }
}
