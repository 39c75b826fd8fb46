// Every recipe of docs/clients.md, in a real browser against a real server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { CLIENTS } from './clients.mjs';
import { Stage } from './stage.mjs';
import { table, versionOf } from './table.mjs';

const CALLS = 20;
// A promise that never settles costs a minute, and not the run.
const LIMIT = { timeout: 60_000 };
const answers = ({ user }) => Array.from({ length: CALLS }, (_, n) => ({ value: `note ${n + 1} of ${user}` }));
const rows = new Map(Object.entries(CLIENTS).map(([name, { module }]) => (
  [name, { client: name, version: versionOf(module) }]
)));

let stage;
before(async () => { stage = await Stage.set(); });
after(async () => {
  await stage?.strike();
  console.log(`\n${table([...rows.values()])}\n`);
});

// Each page has a session of its own, and most of a test is waiting: four of them fill two cores.
describe('clients', { concurrency: 4 }, () => {
  for (const [name, traits] of Object.entries(CLIENTS)) testsOf(name, traits);

  test('graphql-errors: an expired token that is answered 200 is refreshed once, too', LIMIT, async (t) => {
    const { page, session } = await stage.open(t, 'graphql-errors');
    stage.server.expire(session);
    await page.evaluate(() => story.begin());
    assert.deepEqual(await page.evaluate(() => story.outcomes()), answers(session));
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });
});

function testsOf(name, { upload = false, abort = true, batch = 1 }) {
  const row = rows.get(name);
  const requests = CALLS / batch;
  // All that are in one request: tRPC aborts a batch when everybody in it has left.
  const leaving = Array.from({ length: batch }, (_, n) => batch + n + 1);
  const open = (t) => stage.open(t, name);

  test(`${name}: twenty calls on an expired token get twenty answers for one refresh`, LIMIT, async (t) => {
    const { page, session, record } = await open(t);
    stage.server.expire(session);
    await page.evaluate(() => story.begin());
    const outcomes = await page.evaluate(() => story.outcomes());
    row.calls = outcomes.filter(({ value }) => value).length;
    row.refreshes = session.counts.refreshes;
    assert.deepEqual(outcomes, answers(session));
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(answered(record, 200), requests, 'answered requests');
    assert.ok(answered(record, 401) <= requests, 'requests on the expired token');
  });

  for (const kind of upload ? ['write', 'upload'] : ['write']) {
    const what = kind === 'write' ? 'a text' : 'a form';
    test(`${name}: ${what} that is sent on an expired token arrives once and whole`, LIMIT, async (t) => {
      const { page, session, record } = await open(t);
      stage.server.expire(session);
      const { accepted, sent } = await page.evaluate((method) => story[method](), kind);
      assert.deepEqual(accepted, { value: sent });
      assert.deepEqual(record.accepted, [sent], 'what the server has accepted');
      assert.match(record.requests.map(({ method, status }) => `${method} ${status}`).join(), /^POST 401,POST 20[01]$/);
      row.bodies = [row.bodies, kind === 'write' ? 'text' : 'form'].filter(Boolean).sort().join(', ');
    });
  }

  test(`${name}: when the session is over, every caller is told so, and nothing is tried again`, LIMIT, async (t) => {
    const { page, session, record, navigations } = await open(t);
    session.revoked = true;
    const strays = stage.server.strays.length;
    await page.evaluate(() => story.begin());
    const outcomes = await page.evaluate(() => story.outcomes());
    await sleep(200);
    const told = outcomes.filter(({ signInRequired }) => signInRequired).length;
    row.signedOut = `${told} told`;
    assert.equal(told, CALLS, JSON.stringify(outcomes[0]));
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(answered(record, 200), 0);
    assert.ok(answered(record, 401) <= requests, 'requests on the revoked token');
    assert.equal(stage.server.strays.length, strays, 'requests without a token');
    assert.deepEqual(navigations, ['/login']);
  });

  if (!abort) {
    row.aborted = 'no means';
    return;
  }
  test(`${name}: what is aborted during the refresh ends at once, and the others go on`, LIMIT, async (t) => {
    const { page, session, record } = await open(t);
    stage.server.expire(session);
    session.faults.push({ delay: 3000 }); // longer than it takes to abort, however busy the machine is
    await page.evaluate(() => story.begin());
    await stage.server.refreshes(session, 1);
    const { ended, took, others } = await page.evaluate((ids) => story.abort(ids), leaving);
    assert.ok(ended.every(({ error }) => error), 'an aborted call was answered');
    assert.ok(took < 500, `it took ${took} ms`);
    assert.equal(others, 0, 'settled at the same time');
    assert.deepEqual(
      await page.evaluate(() => story.outcomes()),
      answers(session).filter((_, n) => !leaving.includes(n + 1)),
    );
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(answered(record, 200), requests - 1, 'answered requests');
    row.aborted = `in ${Math.ceil(took)} ms`;
  });
}

/** How many requests were answered with `status`. */
function answered({ requests }, status) {
  return requests.filter((request) => request.status === status).length;
}
