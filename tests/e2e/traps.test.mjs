// A trap in the module, which only a bug can be: whoever waits hears of it, and everything goes on in another instance.
// The package under test is one that traps where a story says so.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import fastify from 'fastify';

import { buildPlanted } from '../../scripts/build.mjs';
import { launchBrowser } from './shop.mjs';
import * as stories from './traps/stories.js';

const FAILED = [
  'Error', 'tokenflight failed internally. This is a bug: please report it. The request may be tried again.', true,
];

let dist;
let browser;
before(async () => {
  dist = await buildPlanted();
  browser = await launchBrowser();
}, { timeout: 240_000 });
after(() => browser?.close());

/** The story in a page of Chromium. */
async function inPage(t, name) {
  const app = fastify({ forceCloseConnections: true });
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>page</title>'));
  for (const path of [join(dist, 'index.js'), join(import.meta.dirname, 'traps', 'stories.js')]) {
    const script = readFileSync(path);
    app.get(path.slice(path.lastIndexOf('/')), (_request, reply) => reply.type('text/javascript').send(script));
  }
  t.after(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const page = await browser.newPage();
  t.after(() => page.close());
  const uncaught = [];
  page.on('pageerror', (error) => uncaught.push(error.message));
  await page.goto(url);
  const told = await page.evaluate(async (story) => {
    const [{ createApi }, all] = await Promise.all([import('/index.js'), import('/stories.js')]);
    return all[story](createApi);
  }, name);
  assert.deepEqual(uncaught, []);
  return told;
}

/** The story in this process, where anything that nobody catches fails the test. */
async function inNode(_t, name) {
  const { createApi } = await import(join(dist, 'index.js'));
  return stories[name](createApi);
}

for (const [place, tell] of Object.entries({ Node: inNode, Chromium: inPage })) {
  test(`a request in which it traps is rejected, the next one is sent, in ${place}`, async (t) => {
    const { outcomes, asked } = await tell(t, 'aRequest');
    assert.deepEqual([outcomes, asked], [[FAILED, 200, 200], 0]);
  });

  test(`all who wait for a refresh in which it traps are rejected, the next one refreshes, in ${place}`, async (t) => {
    const { waiting, locks, later, asked } = await tell(t, 'aFlight');
    assert.deepEqual([waiting, locks, later, asked], [Array(5).fill(FAILED), 0, 200, 2]);
  });

  test(`a trap in the transaction of the record rejects who waits, the next one refreshes, in ${place}`, async (t) => {
    const { traps, waiting, later, asked } = await tell(t, 'theRecord');
    assert.deepEqual([traps, waiting, later, asked], [1, Array(2).fill(FAILED), 200, 1]);
  });

  test(`a listener's call in which it traps is rejected with what waits beside it, in ${place}`, async (t) => {
    const { own, listeners, later, asked } = await tell(t, 'aListenersCall');
    assert.deepEqual([own, listeners, later, asked], [FAILED, FAILED, 200, 1]);
  });

  test(`a trap in a timer is nobody's error, and the timer goes on, in ${place}`, async (t) => {
    const { hasTrapped, isRefreshed, later } = await tell(t, 'aTimer');
    assert.deepEqual([hasTrapped, isRefreshed, later], [true, true, 200]);
  });

  test(`a trap where the next refresh is planned is nobody's error, in ${place}`, async (t) => {
    const { hasTrapped, later, asked } = await tell(t, 'aTimersPlan');
    assert.deepEqual([hasTrapped, later, asked], [true, 200, 1]);
  });

  test(`apis that shared a session share it after a trap, with those that follow, in ${place}`, async (t) => {
    const { first, both, other, asked } = await tell(t, 'aNeighbour');
    assert.deepEqual([first, both, other, asked], [FAILED, [200, 200], 200, 1]);
  });

  test(`createApi throws when it traps, and the next one does its work, in ${place}`, async (t) => {
    const { thrown, later, asked } = await tell(t, 'createApiItself');
    assert.deepEqual([thrown, later, asked], [FAILED, 200, 0]);
  });

  test(`twenty traps, and as many requests between them, in ${place}`, async (t) => {
    const { outcomes } = await tell(t, 'oneAfterTheOther');
    assert.deepEqual(outcomes, ['object', 200]);
  });

  test(`where the next instance traps at once, all goes on with the next createApi, in ${place}`, async (t) => {
    const { outcomes, later, asked } = await tell(t, 'theNextInstance');
    assert.deepEqual([outcomes, later, asked], [[FAILED, FAILED], [200, 200], 0]);
  });
}

test('a trap at an event of the page is nobody\'s error', async (t) => {
  const { hasTrapped, later, asked } = await inPage(t, 'anEvent');
  assert.deepEqual([hasTrapped, later, asked], [true, 200, 0]);
});

test('what is left of an instance that has trapped can be collected, and touches no other', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  await inNode(undefined, 'aFlight');
  await inNode(undefined, 'oneAfterTheOther');
  for (let n = 0; n < 5; n += 1) {
    collect();
    await new Promise((done) => { setTimeout(done, 10); });
  }
  assert.deepEqual((await inNode(undefined, 'aRequest')).outcomes, [FAILED, 200, 200]);
});
