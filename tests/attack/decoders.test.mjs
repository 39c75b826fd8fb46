// The shell's decoders, in Node: tokens that may be JWTs, lifetimes, and `Retry-After` with the date of the answer. Inputs
// are drawn at random; whatever they are, nothing throws, and the results are ones that Rust takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readOptions } from '../../src/shell/options.js';
import { Refresher } from '../../src/shell/refresher.js';
import { tokenIn } from '../../src/shell/storage.js';
import { expiresAt, fingerprint, forgetTokens, issuedAt, isMark, lifetimeOf, subject, usableToken } from '../../src/shell/token.js';
import { isLong, PATH, SEED } from './setting.mjs';

const numRuns = isLong ? 50_000 : 3000;

/** Tries a property; the message of a failure says how to see it again. */
async function holds(property, name) {
  const result = await fc.check(property, { seed: SEED, numRuns, path: PATH });
  if (!result.failed) return;
  assert.fail(`${fc.stringify(result.counterexample)}\n${result.errorInstance?.stack}\n\nThe same case again:\n`
    + `  ATTACK_SEED=${SEED} ATTACK_PATH=${result.counterexamplePath} npm test -- attack '${name}'\n`);
}

const anything = (name, arbitrary, check) => test(name, () => holds(fc.asyncProperty(arbitrary, check), name));

const encoded = (text) => Buffer.from(text).toString('base64url');
const claims = fc.dictionary(fc.constantFrom('sub', 'iat', 'exp', '__proto__', 'then', 'x'), fc.oneof(
  fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.constant(null), fc.boolean(), fc.array(fc.integer()), fc.constantFrom('9', 1e300, -1, 0),
));
const jwt = fc.tuple(fc.string(), fc.oneof(claims.map((one) => JSON.stringify(one)), fc.json(), fc.string({ unit: 'binary' })), fc.string())
  .map(([head, body, tail]) => `${encoded(head)}.${encoded(body)}.${tail}`);
const token = fc.oneof(jwt, fc.string({ unit: 'binary' }), fc.string().map((text) => text.repeat(50)),
  fc.constantFrom('.', '..', 'a..b', '.e30.', '.bnVsbA.', '.W10.', '.MQ.', '.InRleHQi.', '=.=.=', '.%%%.', '1234567890123456'));

anything('a token tells the same of itself each time, and nothing of a wrong type', token, async (text) => {
  const facts = () => [subject(text), issuedAt(text), expiresAt(text), fingerprint(text), isMark(text)];
  const first = facts();
  forgetTokens();
  assert.deepEqual(facts(), first);
  const [sub, issued, ends, print] = first;
  assert.ok(sub === undefined || typeof sub === 'string');
  for (const time of [issued, ends]) assert.ok(Number.isNaN(time) || time > 0);
  assert.ok(Number.isSafeInteger(print) && print > 0);
});

anything('what a JWT claims is read', fc.record({ sub: fc.string(), iat: fc.integer({ min: 1 }), exp: fc.double({ min: 1, max: 1e12, noNaN: true }) }), async (given) => {
  const text = `x.${encoded(JSON.stringify(given))}.y`;
  assert.deepEqual([issuedAt(text), expiresAt(text)], [given.iat * 1000, given.exp * 1000]);
  // Not decoded as UTF-8: it is only compared.
  assert.equal(subject(text), Buffer.from(given.sub).toString('latin1'));
});

anything('two tokens that differ have fingerprints that differ', fc.tuple(token, token), async ([one, other]) => {
  assert.equal(fingerprint(one) === fingerprint(other), one === other);
});

anything('what may stand in a header is what Headers take', fc.oneof(token, fc.anything()), async (value) => {
  const usable = usableToken(value);
  if (usable === undefined) return;
  assert.equal(typeof value, 'string');
  new Headers([['Authorization', usable]]);
});

anything('a lifetime is a positive number or none', fc.anything(), async (value) => {
  const ms = lifetimeOf(value);
  assert.ok(Number.isNaN(ms) || ms > 0);
});

anything('what a storage holds is a text or no token', fc.anything(), async (value) => {
  assert.ok(tokenIn(value) === null || tokenIn(value) === value && value.length > 0);
});

/** The answer as Rust gets it. */
async function answerTo(headers, body, status) {
  const settings = readOptions({ baseURL: 'https://a.example', fetch() {} }, 'createApi: ');
  const transport = { origins: { target: () => ({}) }, call: async () => new Response(body, { status, headers }), fetch() {} };
  const refresher = new Refresher(settings, transport, { storage: { read: () => null }, observers: new Set() });
  return refresher.ask(null).wait(1000);
}

const DATES = fc.oneof(fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()), fc.string().map((text) => text.replace(/[^ -~]/g, '')),
  fc.constantFrom('', '0', 'now', '9999999999', 'Wed, 21 Oct 2015 07:28:00 GMT', '2015-10-21'));

anything('a Retry-After is a wait that ends, or none', fc.record({ retry: fc.oneof(DATES, fc.double().map(String), fc.bigInt().map(String)), date: DATES }),
  async ({ retry, date }) => {
    const { retryAfter, status } = await answerTo({ 'Retry-After': retry, Date: date }, '', 503);
    assert.equal(status, 503);
    assert.ok(retryAfter === undefined || retryAfter >= 0);
    if (/^\s*\d+\s*$/.test(retry)) assert.equal(retryAfter, Number(retry) * 1000);
  });

anything('a date is counted from the answer’s own', fc.record({
  sent: fc.date({ min: new Date(0), max: new Date('9990-01-01'), noInvalidDate: true }), wait: fc.integer({ min: 0, max: 1e6 }),
}), async ({ sent, wait }) => {
  const second = Math.floor(sent.getTime() / 1000) * 1000;
  const headers = { Date: new Date(second).toUTCString(), 'Retry-After': new Date(second + wait * 1000).toUTCString() };
  // The first second of 1970 is no date of an answer.
  if (second > 0) assert.equal((await answerTo(headers, '', 503)).retryAfter, wait * 1000);
});

anything('any body is an answer', fc.record({ body: fc.oneof(fc.json(), fc.string({ unit: 'binary' })), status: fc.integer({ min: 200, max: 599 }) }), async ({ body, status }) => {
  const isEmpty = [204, 205, 304].includes(status);
  const answer = await answerTo({}, isEmpty ? null : body, status);
  assert.equal(answer.status, status);
  for (const name of ['isJson', 'isPage', 'isTemporary', 'isSignInRequired', 'isFailed']) assert.equal(typeof answer[name], 'boolean', name);
  assert.ok(answer.accessToken === undefined || usableToken(answer.accessToken));
  assert.ok(answer.refreshToken === undefined || typeof answer.refreshToken === 'string');
});
