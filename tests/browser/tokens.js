// Tokens that no server would accept, wherever they come from.

import { check, equal, rejection } from './expect.js';
import { during } from './support.js';

const BAD = {
  'a line break': 'secret\nsecret',
  'a carriage return and more': 'secret\r\nX-Evil: 1',
  'a NUL': 'secret\u0000',
  'another script': 'secret☃',
  'half a surrogate pair': 'secret\ud800',
};

/** The texts of an error and of those that caused it. */
function textsOf(error) {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, error.cause === undefined ? '' : textsOf(error.cause)].join('\n');
}

export async function a_token_that_cannot_be_sent_is_replaced_by_a_refresh({ signIn }) {
  for (const [what, token] of Object.entries(BAD)) {
    for (const init of [undefined, { method: 'POST', body: new Blob(['x']) }, { timeout: 5000 }]) {
      const { api, store, stored, refreshToken, stats } = await signIn();
      store(token, refreshToken);
      equal((await api.fetch('/test/echo', init)).status, 200, what);
      equal((await stats()).refreshes, 1, `refreshes after ${what}`);
      check(stored().access !== token, 'another token is stored');
    }
  }
}

export async function no_error_shows_a_token_that_cannot_be_sent({ signIn, SignInRequiredError }) {
  for (const token of Object.values(BAD)) {
    const { api, store } = await signIn();
    store(token, `refresh ${token}`);
    const error = await rejection(api.fetch('/test/echo'), SignInRequiredError);
    check(!textsOf(error).includes('secret'), textsOf(error));
    const wrong = await rejection(api.signIn({ accessToken: token }), TypeError);
    check(!textsOf(wrong).includes('secret'), textsOf(wrong));
  }
}

export async function an_empty_token_is_none({ signIn }) {
  const { api, keys } = await signIn();
  localStorage.setItem(keys.accessTokenKey, '');
  const { headers } = await (await api.fetch('/test/open')).json();
  equal('authorization' in headers, false, 'whether there is a header');
  equal(await api.getAccessToken(), null, 'the token');
}

export async function a_token_of_a_megabyte_ends_as_it_ends_with_fetch({ signIn, server }) {
  const huge = 'x'.repeat(1 << 20);
  const { api, store, accessToken, refreshToken } = await signIn();
  store(huge, refreshToken);
  const init = { headers: { Authorization: `Bearer ${huge}` } };
  const [native] = await Promise.allSettled([fetch(`${server}/api/test/open`, init)]);
  const [own] = await Promise.allSettled([api.fetch('/test/open')]);
  equal([own.status, own.value?.status, own.reason?.name], [native.status, native.value?.status, native.reason?.name], 'the outcome');
  store(accessToken, refreshToken);
  equal((await api.fetch('/test/echo')).status, 200, 'the next call');
}

export async function a_refresh_that_brings_a_token_that_cannot_be_sent_is_refused({ signIn, SignInRequiredError }) {
  for (const token of [...Object.values(BAD), '']) {
    const { api, expire, faults, stored } = await signIn();
    await expire();
    await faults({ token });
    const error = await rejection(api.fetch('/test/echo'), SignInRequiredError);
    check(!textsOf(error).includes('secret'), textsOf(error));
    equal(stored(), { access: null, refresh: null }, 'the storage');
    const next = await signIn();
    await api.signIn({ accessToken: next.accessToken, refreshToken: next.refreshToken });
    equal((await api.fetch('/test/echo')).status, 200, 'after signing in');
  }
}

export async function a_refresh_that_brings_a_token_too_long_to_be_sent_wedges_nothing({ signIn, server }) {
  const huge = 'x'.repeat(500_000);
  const { api, expire, faults, stats } = await signIn();
  await expire();
  await faults({ token: huge });
  const init = { headers: { Authorization: `Bearer ${huge}` } };
  const [native] = await Promise.allSettled([fetch(`${server}/api/test/echo`, init)]);
  const [own] = await Promise.allSettled([api.fetch('/test/echo')]);
  equal([own.status, own.value?.status, own.reason?.name], [native.status, native.value?.status, native.reason?.name], 'the outcome');
  equal((await stats()).refreshes, 1, 'refreshes');
  await api.refresh();
  equal((await api.fetch('/test/echo')).status, 200, 'after another refresh');
}

export async function a_refresh_that_brings_an_ordinary_string_is_believed({ signIn }) {
  const { api, expire, faults, stored, stats } = await signIn();
  await expire();
  await faults({ token: 'opaque-token.of~any+kind/==' });
  equal((await api.fetch('/test/echo')).status, 401, 'the status: this server does not know it');
  equal([stored().access, (await stats()).refreshes], ['opaque-token.of~any+kind/==', 1], 'the token, and refreshes');
}

export async function tokens_that_look_like_jwts_but_are_none_are_no_trouble({ signIn }) {
  const { api, store, refreshToken } = await signIn();
  for (const token of ['a.b.c', '..', '.', 'a.!!!.c', `a.${btoa('{')}.c`, `a.${btoa('null')}.c`, `a.${btoa('[1]')}.c`,
    `a.${btoa('{"sub":7}')}.c`, `a.${btoa('{"sub":{}}')}.c`, 'x'.repeat(5000)]) {
    store(token, refreshToken);
    const { headers } = await (await api.fetch('/test/open')).json();
    equal(headers.authorization, `Bearer ${token}`, 'the header');
  }
}

/** Lets a session meet `fault`, with `debug`; hands what came of it to `note` and its tokens to `seen`. */
async function liveThrough(signIn, fault, note, seen) {
  const quick = { refreshRetries: 1, retryDelay: 5, coolDown: 10 };
  const { api, expire, faults, revoke, stored, accessToken, refreshToken } = await signIn({ debug: true, ...quick });
  const remember = (...tokens) => tokens.filter(Boolean).forEach((token) => seen.add(token));
  remember(accessToken, refreshToken);
  await expire();
  await faults({ delay: 100, ...fault });
  const outcomes = await Promise.allSettled([
    api.fetch(`/test/echo?token=${accessToken}`),
    api.get('/test/echo', { params: { token: accessToken } }),
    api.fetch('/test/echo', { method: 'POST', body: new Blob([accessToken]) }),
  ]);
  for (const { reason } of outcomes) note(reason);
  remember(...Object.values(stored()));
  await revoke();
  note(await rejection(api.get('/test/echo')));
}

export async function no_token_is_ever_shown_in_the_console_or_in_an_error({ signIn }) {
  const heard = [];
  const seen = new Set();
  const note = (...words) => heard.push(words.map((word) => (word instanceof Error ? textsOf(word) : String(word))).join(' '));
  const faults = [{}, { status: 503 }, { status: 401 }, { sub: 'eve' }, { body: '{"accessToken":"' }, { token: 'bad\ntoken' }];
  const act = async () => {
    for (const fault of faults) await liveThrough(signIn, fault, note, seen);
  };
  const spy = (inner, method) => () => during(console, method, { value: note, writable: true }, inner);
  await ['debug', 'log', 'info', 'warn', 'error'].reduce(spy, act)();
  check(heard.filter((line) => line.includes('tokenflight')).length > 10, 'there is a log');
  for (const token of seen) {
    // A part would be bad enough, but what all JWTs of this server begin with is no secret.
    const parts = token.split('.').slice(1).filter((part) => part.length > 20).map((part) => part.slice(0, 30));
    const shown = heard.find((line) => [token, ...parts].some((part) => line.includes(part)));
    check(!shown, `a token is shown: ${shown}`);
  }
}
