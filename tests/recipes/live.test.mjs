// The recipes of docs/live.md, in a real browser against a real server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Stage } from './stage.mjs';

// For all tests of one kind together: nothing here may wait for ever.
const LIMIT = { timeout: 150_000 };

let stage;
before(async () => { stage = await Stage.set(); });
after(() => stage?.strike());

/** Resolves when `holds` does; a connection comes back within five seconds at first, and later each time. */
async function until(holds, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (!await holds()) {
    if (Date.now() > end) assert.fail(`not after ${seconds} s: ${what}`);
    await sleep(20);
  }
}

describe('WebSocket', LIMIT, () => {
  /** A page whose socket has been welcomed, and the server's tally since then. */
  async function connect(t) {
    const { sockets } = stage.server;
    const opened = await stage.open(t, 'socket');
    await until(() => sockets.authenticated === 1, 'the first connection is authenticated');
    const before = { ...sockets.tally };
    const since = () => ({
      connections: sockets.tally.connections - before.connections,
      authentications: sockets.tally.authentications - before.authentications,
    });
    t.after(() => until(() => sockets.authenticated === 0, 'the page has gone'));
    return { ...opened, sockets, since, received: () => opened.page.evaluate(() => story.received()) };
  }

  test('closed because its token has ended, it comes back with a new one, after one refresh', async (t) => {
    const { session, sockets, since, received } = await connect(t);
    stage.server.expire(session);
    await until(() => since().connections === 1 && sockets.authenticated === 1, 'it is back');
    sockets.publish('after the refresh');
    await until(async () => (await received()).includes('after the refresh'), 'it hears again');
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(since().connections, 1, 'connections');
    assert.deepEqual(new Set(sockets.urls), new Set(['/live']), 'no token in a URL');
  });

  test('a token that is refreshed by somebody else is shown on the open connection', async (t) => {
    const { page, session, sockets, since } = await connect(t);
    await page.evaluate(() => story.refresh());
    await until(() => since().authentications === 1, 'the new token is shown');
    assert.equal(sockets.authenticated, 1);
    assert.deepEqual(since(), { connections: 0, authentications: 1 });
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('a connection that breaks down comes back without a refresh', async (t) => {
    const { session, sockets, since } = await connect(t);
    sockets.drop();
    await until(() => since().connections === 1 && sockets.authenticated === 1, 'it is back');
    assert.equal(session.counts.refreshes, 0, 'refreshes');
  });

  test('in an outage of the token server it tries seldom, and is back afterwards', async (t) => {
    const { session, sockets, since } = await connect(t);
    session.outageUntil = Date.now() + 4000;
    stage.server.expire(session);
    await sleep(4000);
    assert.equal(since().connections, 0, 'connections during the outage');
    // Three for each flight, and a flight for each attempt to connect.
    assert.ok(session.counts.refreshes <= 9, `${session.counts.refreshes} refreshes`);
    await until(() => sockets.authenticated === 1, 'it is back', 40);
    assert.ok(since().connections <= 2, `${since().connections} connections`);
  });

  test('when the session is over it stays closed, and the next one gets a new connection', async (t) => {
    const { page, session, sockets, since, navigations } = await connect(t);
    session.revoked = true;
    stage.server.expire(session);
    await until(() => session.counts.refreshes === 1, 'the refresh is refused');
    await sleep(6000);
    assert.deepEqual(since(), { connections: 0, authentications: 0 });
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.deepEqual(navigations, ['/login']);
    await page.evaluate((tokens) => story.signIn(tokens), stage.server.signIn('bob').tokens);
    await until(() => sockets.authenticated === 1, 'it is back');
    assert.deepEqual(since(), { connections: 1, authentications: 1 });
  });
});

describe('server-sent events', LIMIT, () => {
  async function connect(t) {
    const { events } = stage.server;
    const opened = await stage.open(t, 'events');
    await until(() => events.open === 1, 'the stream is open');
    t.after(() => until(() => events.open === 0, 'the page has gone'));
    return { ...opened, events, received: () => opened.page.evaluate(() => story.received()) };
  }

  test('no message is lost or doubled while the token ends three times, for three refreshes', async (t) => {
    const { session, record, events, received } = await connect(t);
    const sent = Array.from({ length: 60 }, (_, n) => `message ${n + 1}`);
    for (const [n, message] of sent.entries()) {
      events.publish(message);
      if (n % 20 === 10) stage.server.expire(session);
      await sleep(25);
    }
    await until(async () => (await received()).length >= sent.length, 'all messages have arrived');
    assert.deepEqual(await received(), sent);
    assert.equal(session.counts.refreshes, 3, 'refreshes');
    assert.deepEqual(record.requests.filter(({ status }) => status === 401).length, 3, 'requests on an expired token');
    assert.deepEqual(new Set(record.requests.map(({ url }) => url)), new Set(['/events']), 'no token in a URL');
  });

  test('when the session is over it stays closed', async (t) => {
    const { page, session, record, navigations } = await connect(t);
    session.revoked = true;
    stage.server.expire(session);
    await until(() => page.evaluate(() => story.isClosed()), 'it is closed');
    const { strays } = stage.server;
    const before = record.requests.length + strays.length;
    await sleep(1000);
    assert.equal(record.requests.length + strays.length, before, 'requests afterwards');
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.deepEqual(navigations, ['/login']);
  });

  test('when another session begins, the stream of the one before is closed', async (t) => {
    const { page, session, events } = await connect(t);
    await page.evaluate((tokens) => story.signIn(tokens), stage.server.signIn('bob').tokens);
    await until(() => events.open === 0, 'it is closed');
    assert.equal(session.counts.refreshes, 0, 'refreshes');
  });
});
