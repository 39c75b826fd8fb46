// Ten tabs that share a session of a real identity provider, for thirty expiries and through closes, reloads and
// offline spells. Beside them, in the same way, an axios interceptor: it shows that the test can fail.
//
// SEED=… repeats the chances of a run (not the scheduling of the machine); EXPIRIES, TABS and CLIENTS=a,b change
// what is run; PACKAGE=… is the file to test. CLIENTS=reference tests the harness: page/client-reference.js.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { run } from './driver/run.mjs';
import { table } from './driver/table.mjs';
import { lenient, strict } from './scenarios.mjs';

const seed = process.env.SEED ?? String(Date.now() % 1e6);
const tabs = Number(process.env.TABS ?? 10);
const expiries = Number(process.env.EXPIRIES ?? 30);
const clients = (process.env.CLIENTS ?? 'tokenflight,interceptor').split(',');
const file = resolve(process.env.PACKAGE ?? fileURLToPath(new URL('../../dist/index.js', import.meta.url)));

const FLAGS = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic',
  '--disable-sync', '--no-first-run',
];

let browser;
const results = new Map();

before(async () => {
  const chrome = process.env.CHROME;
  if (!chrome) throw new Error('CHROME is not set: run these tests by `npm test -- provider`.');
  if (!existsSync(file)) throw new Error(`There is no ${file}. \`npm run build\` makes the package.`);
  browser = await chromium.launch({ executablePath: chrome, args: FLAGS, chromiumSandbox: process.getuid?.() !== 0 });
  // The two scenarios side by side, the clients one after the other: more tabs at a time would keep each other
  // waiting for longer than the tokens live.
  for (const client of clients) {
    // The interceptor has shown what it does after a quarter.
    const enough = client === 'interceptor' ? Math.ceil(expiries / 4) : expiries;
    console.log(`${client}: ${enough} expiries, usually ${Math.ceil(enough * 3)} s`);
    const runs = await Promise.allSettled([strict, lenient].map((scenario) => twice(() => run({
      browser, client, scenario, seed, file, tabs, expiries: enough, longest: Math.max(30, enough * 4),
    }))));
    [strict, lenient].forEach(({ name }, index) => results.set(`${client}, ${name}`, runs[index]));
  }
});

after(async () => {
  await browser?.close();
  const finished = [...results.values()].flatMap(({ value }) => value ?? []);
  console.log(`\n${table(finished)}\n\nThe same chances again: SEED=${seed} npm test -- provider\n`);
});

/**
 * Does `work`, and once more if it fails. A client's faults show in the figures of a run; a run without figures was
 * ended by the browser or its driver (a page that never closes).
 */
async function twice(work) {
  try {
    return await work();
  } catch (error) {
    console.error(`Once more, because the driver failed: ${error.message}`);
    return work();
  }
}

/** The figures of a run, or whatever kept it from its end. */
function resultOf(client, scenario) {
  const { value, reason } = results.get(`${client}, ${scenario.name}`);
  if (reason) throw reason;
  return value;
}

for (const client of clients.filter((name) => name !== 'interceptor')) {
  for (const scenario of [strict, lenient]) {
    describe(`${client} and a provider with ${scenario.name}`, () => {
      const result = () => resultOf(client, scenario);
      const why = () => [`seed ${seed}`, ...result().details.slice(0, 12), ...result().problems.slice(0, 5)].join('\n');

      test('the session survives', () => {
        assert.equal(result().revoked, 0, why());
        assert.equal(result().thrown, 0, why());
      });

      test('every request is answered and settles', () => {
        assert.equal(result().lost, 0, why());
        assert.ok(result().isSettled, why());
      });

      test('every order is accepted exactly once', () => {
        assert.equal(result().doubled, 0, why());
        assert.equal(result().lostOrders, 0, why());
      });

      test('there are as many refreshes as expiries', () => {
        // A token that was refreshed twice because a page ended in the middle counts once.
        assert.equal(result().refreshed, result().expiries, why());
        assert.equal(result().needless, 0, why());
        assert.equal(result().refreshes - result().refreshed, scenario === strict ? 0 : result().used, why());
      });

      test('no used refresh token is presented, but for a page that ended in the middle of that refresh', () => {
        assert.equal(result().unexplained, 0, why());
        if (scenario === strict) assert.equal(result().used, 0, why());
      });

      test('the run was what it should be', () => {
        assert.ok(result().expiries >= expiries, why());
        assert.deepEqual(result().problems, []);
        for (const kind of ['close', 'reload', 'starter', 'offline']) assert.ok(result().disruptions[kind] > 0, kind);
      });
    });
  }
}

if (clients.includes('interceptor')) {
  test('the interceptor fails where it has to: this test can fail', () => {
    const { revoked, thrown, lost, used } = resultOf('interceptor', strict);
    assert.ok(revoked + thrown + lost + used > 0);
  });
}
