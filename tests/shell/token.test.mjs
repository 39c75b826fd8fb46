// Which strings are tokens, and what is known of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  expiresAt, fingerprint, isMark, issuedAt, mark, millisOf, subject, usableToken,
} from '../../src/shell/token.js';

const base64url = (text) => Buffer.from(text).toString('base64url');
const jwt = (claims) => `head.${base64url(JSON.stringify(claims))}.signature`;

/** Returns true if the platform's `Headers` takes the value. */
function canStandInHeader(value) {
  try {
    new Headers([['a', value]]);
    return true;
  } catch {
    return false;
  }
}

test('a token is usable where a header can carry it', () => {
  const texts = [
    'plain', 'with space', ' around ', 'end\n', '\r\nbegin', 'a\nb', 'a\rb', 'a\0b', 'a\0', '\t\ta', 'é', 'ÿ', 'Ā',
    '☃', '\ud800', 'a\u2003', '\ufeffa', '\x7f', '\x01',
  ];
  for (const text of texts) {
    assert.equal(usableToken(text), canStandInHeader(text) ? text : undefined, JSON.stringify(text));
  }
});

test('nothing but a string that holds something is a token', () => {
  const values = ['', 'undefined', 'null', undefined, null, 7, true, {}, ['a'], Symbol('a'), new String('a')];
  for (const value of values) {
    assert.equal(usableToken(value), undefined);
  }
});

test('seconds are positive numbers', () => {
  assert.equal(millisOf(1.5), 1500);
  for (const value of [0, -1, Infinity, Number.NaN, '60', null, undefined, {}, 1n]) {
    assert.equal(millisOf(value), Number.NaN);
  }
});

test('a JWT says whom it is for and how long it lives', () => {
  const token = jwt({ sub: 'ada', iat: 1000, exp: 1600.5 });
  assert.deepEqual([subject(token), issuedAt(token), expiresAt(token)], ['ada', 1_000_000, 1_600_500]);
  const other = jwt({ sub: 'ünïcode?>~', exp: 5 });
  assert.notEqual(subject(other), subject(token));
  assert.equal(subject(other), subject(jwt({ sub: 'ünïcode?>~' })), 'the same subject of another token');
  assert.deepEqual([issuedAt(other), expiresAt(other)], [Number.NaN, 5000]);
});

test('what only looks like a JWT says nothing', () => {
  const bodies = ['', '!', '{', 'null', '7', '[1]', '{"sub":7,"exp":"5"}', '{"sub":{},"iat":null}'];
  for (const token of ['', '.', '..', 'opaque', ...bodies.map((body) => `a.${base64url(body)}.c`)]) {
    assert.deepEqual([subject(token), issuedAt(token), expiresAt(token)], [undefined, Number.NaN, Number.NaN], token);
  }
});

test('a fingerprint is a whole number of 53 bits, the same for the same token', () => {
  for (const token of ['', 'a', 'b', 'x'.repeat(1 << 20), jwt({ sub: 'ada' }), '☃']) {
    const print = fingerprint(token);
    assert.ok(Number.isSafeInteger(print) && print > 0, `${print}`);
    assert.equal(fingerprint(`${token}`), print);
  }
});

test('fingerprints differ, and each bit is as often set as not', () => {
  const seen = new Set();
  const ones = Array(53).fill(0);
  const count = 50_000;
  for (let n = 0; n < count; n += 1) {
    const print = fingerprint(`eyJhbGciOiJIUzI1NiJ9.${n}`);
    seen.add(print);
    const bits = BigInt(print);
    for (let bit = 0; bit < 53; bit += 1) ones[bit] += Number(bits >> BigInt(bit) & 1n);
  }
  assert.equal(seen.size, count);
  for (const [bit, set] of ones.entries()) assert.ok(Math.abs(set / count - 0.5) < 0.02, `bit ${bit}: ${set}`);
});

test('one other character changes about half of a fingerprint', () => {
  let changed = 0;
  const token = jwt({ sub: 'ada', serial: 12345 });
  for (let at = 0; at < token.length; at += 1) {
    const other = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ 1) + token.slice(at + 1);
    changed += (BigInt(fingerprint(token)) ^ BigInt(fingerprint(other))).toString(2).replaceAll('0', '').length;
  }
  const share = changed / token.length / 53;
  assert.ok(share > 0.4 && share < 0.6, `${share}`);
});

test('a mark is no token', () => {
  const marks = new Set(Array.from({ length: 1000 }, mark));
  assert.equal(marks.size, 1000);
  assert.ok([...marks].every(isMark));
  for (const token of ['', 'opaque', jwt({ sub: 'ada' }), '12345', 'x1234567890123456']) assert.ok(!isMark(token));
});
