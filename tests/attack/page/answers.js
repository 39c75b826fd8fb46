// Answers of a token server: whatever it says, everybody who waits is answered, and the session goes on with the next
// good answer or has ended for a reason.

import fc from 'fast-check';

import { createApi } from '/tokenflight/index.js';
import { called, checkErrors, checkUnhandled, freshToken, inTime, ownStorage, settled } from './kit.js';

const WAITERS = 3;
const TYPES = ['application/json', 'text/html', 'text/plain', '', 'application/problem+json', 'application/json;charset=x', '\u00ff', 'multipart/x'];
const RETRY = ['', '0', '1', '120', '-5', '1e9', '99999999999999999999', 'Wed, 21 Oct 2099 07:28:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon', ' 2 ', '0x10', 'NaN'];
const DATES = ['', 'now', 'Wed, 21 Oct 2015 07:28:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', '0'];

/** Names that an answer may have, each with whatever value. */
const NAMES = ['accessToken', 'access_token', 'refreshToken', 'refresh_token', 'expiresIn', 'expires_in', 'data', 'error', 'code', 'type', '__type',
  'status', 'message', 'error_description', '__proto__', 'constructor', 'then', 'toString', 'length'];
const WORDS = ['invalid_grant', 'temporarily_unavailable', 'slow_down', 'secret-leaked-by-the-server-000000', '401', '429', 'Bearer', '', 'null', 'undefined',
  '\n', '\u0100', '-1', '3600', '1e999', 'a.b.c', `x.${btoa('{"sub":{},"exp":"9"}')}.y`, `x.${btoa('{"exp":-1e999,"iat":null}')}.y`, 'x.%%%.y'];
const token = fc.constantFrom('good', 'same', 'late', 'bad');

const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(...WORDS), fc.constantFrom(0, -1, 1.5, 401, 429, 503, 1e308, 65536), fc.boolean(), fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
}));

const body = fc.oneof(
  json.object.map((value) => JSON.stringify(value)),
  json.value.map((value) => JSON.stringify(value) ?? ''),
  token.map((name) => ({ token: name })),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('', '<!doctype html><title>proxy</title>', '{"accessToken":', '[]', 'null', '"text"', '\ufeff{}', '{'.repeat(5000), '[1'.repeat(9000)),
);

const answer = fc.record({
  status: fc.oneof(fc.constantFrom(200, 201, 204, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504), fc.integer({ min: 200, max: 599 })),
  type: fc.constantFrom(...TYPES),
  body,
  retry: fc.constantFrom(...RETRY),
  date: fc.constantFrom(...DATES),
  fault: fc.constantFrom('', '', '', '', '', '', 'no network', 'never', 'breaks off', 'throws', 'nothing', 'a fake', 'a symbol', 'read already'),
});

const FAKES = {
  'no network': () => Promise.reject(new TypeError('Failed to fetch')),
  never: () => new Promise(() => {}),
  throws: () => { throw new Error('thrown'); },
  nothing: () => undefined,
  'a fake': () => ({ ok: true, status: 10n, headers: { get: () => 7 }, text: () => Promise.resolve({}) }),
  'a symbol': () => Symbol('a'),
};

/** The answer, for the session whose refresh token is known. */
function responseOf({ status, type, body: text, retry, date, fault }, good) {
  if (FAKES[fault]) return FAKES[fault]();
  const headers = new Headers();
  if (type) headers.set('Content-Type', type);
  if (retry) headers.set('Retry-After', retry);
  if (date) headers.set('Date', date === 'now' ? new Date().toUTCString() : date);
  const made = typeof text === 'string' ? text : JSON.stringify({
    good: { accessToken: good, refreshToken: freshToken() }, same: { data: { access_token: good, expires_in: '60' } },
    late: { access_token: good, expires_in: -1 }, bad: { accessToken: 'line\nbreak' },
  }[text.token]);
  const isEmpty = [204, 205, 304].includes(status);
  const broken = () => new ReadableStream({ start(control) { control.enqueue(new TextEncoder().encode(made)); control.error(new TypeError('broken off')); } });
  const response = new Response(isEmpty ? null : fault === 'breaks off' ? broken() : made, { status, headers });
  if (fault === 'read already') response.text().catch(() => {});
  return response;
}

/** A server, as a `fetch`: it takes one access token, and answers refreshes as drawn. */
function serverOf(drawn) {
  const left = [...drawn];
  const server = { good: freshToken(), refreshes: 0 };
  server.fetch = async (url, init) => {
    if (String(url).endsWith('/refresh-token')) {
      server.refreshes += 1;
      server.good = freshToken();
      const next = left.shift();
      if (next) return responseOf(next, server.good);
      return Response.json({ accessToken: server.good, refreshToken: freshToken() });
    }
    const headers = new Headers(init?.headers);
    return new Response(null, { status: headers.get('Authorization') === `Bearer ${server.good}` ? 200 : 401 });
  };
  return server;
}

const KNOWN = ['SIGN_IN_REQUIRED', 'REFRESH_UNAVAILABLE', 'SESSION_CHANGED'];
const isTemporary = ({ status, fault }) => !fault && (status >= 500 || [408, 425, 429].includes(status));

async function tryAnswers({ answers: drawn, options }, counts) {
  const server = serverOf(drawn);
  const events = [];
  const api = createApi({
    baseURL: location.origin, storage: ownStorage(), fetch: server.fetch, onSignedOut: () => events.push('led'), refreshTimeout: 150,
    retryDelay: 1, coolDown: 1, maxRetryAfter: 20, lockTimeout: 300, ...options,
  });
  await api.signIn({ accessToken: freshToken('-old'), refreshToken: freshToken() });
  const waiting = Array.from({ length: WAITERS }, () => settled(called(() => api.fetch('/x'))));
  const outcomes = await inTime(Promise.all([...waiting, settled(api.getAccessToken())]), 'whoever waited for a refresh');
  checkErrors(...outcomes);
  for (const { value, error } of outcomes) {
    if (error && !KNOWN.includes(error.code)) throw new Error(`rejected with ${error.name}: ${error.message}`, { cause: error });
    counts[error?.code ?? (value?.status === 401 ? 'its own 401' : 'answered')] = (counts[error?.code ?? (value?.status === 401 ? 'its own 401' : 'answered')] ?? 0) + 1;
  }
  const asked = drawn.slice(0, server.refreshes);
  if (asked.every(isTemporary) && outcomes.some(({ error }) => error?.code === 'SIGN_IN_REQUIRED')) throw new Error('an outage has ended the session');
  await inTime(goesOn(api, server), 'a session with a server that is well again');
  checkUnhandled();
}

/** Once the server is well again and somebody signs in, everything goes on. */
async function goesOn(api, server) {
  for (let tries = 0; ; tries += 1) {
    await api.signIn({ accessToken: server.good, refreshToken: freshToken() });
    const { value, error } = await settled(api.fetch('/x'));
    if (value?.status === 200) return;
    // A late answer may still come, and with it another token.
    if (tries > 20) throw new Error(`it does not go on: ${value?.status ?? error?.message}`);
    await new Promise((resolve) => { setTimeout(resolve, 30); });
  }
}

export async function answers() {
  const counts = {};
  const cases = fc.record({
    answers: fc.array(answer, { minLength: 1, maxLength: 3 }),
    options: fc.record({
      refreshRetries: fc.constantFrom(0, 1, 2), unauthorized: fc.constantFrom('reject', 'return'), debug: fc.constant(false),
    }),
  });
  return { property: fc.asyncProperty(cases, (one) => tryAnswers(one, counts)), facts: async () => counts };
}
