// The same arguments end in the same way with the platform's fetch and with ours, in Node (rules 2.6 and 2.9). The cases
// are those of tests/conformance, which browsers run as well.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createApi } from '../../src/shell/api.js';
import { buildServer } from '../../www/server/app.js';
import * as tables from '../conformance/cases.js';
import { compare } from '../conformance/compare.js';

let app;
const world = {};
before(async () => {
  app = await buildServer({ testing: true });
  world.server = await app.listen({ host: '127.0.0.1', port: 0 });
  const body = JSON.stringify({ user: 'ada', password: 'ada', ttl: 600 });
  const answer = await fetch(`${world.server}/api/sign-in`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  world.token = (await answer.json()).accessToken;
});
after(() => app.close());

const done = (act) => ({ step: (_, driver) => { driver.finish(); return act(); }, free() {} });

/** Ours, over a core that lets everything depart. */
function ours(options) {
  const core = {
    join() {}, configure() {}, start() {}, depart: () => world.token, epoch: () => 1,
    fetch: (platform, request) => done(() => platform.send(request, world.token)),
  };
  const allowedOrigins = [world.server, 'http://127.0.0.1:1'];
  return createApi({ storage: 'memory', allowedOrigins, ...options }, 'createApi: ', core).fetch;
}

// Node 24 itself rejects a promise that nobody has, with fetch as well.
const isNoisy = (subject, name) => subject === 'aborts' && name === 'with a form' && process.versions.node >= '24';

for (const [subject, { ...table }] of Object.entries(tables)) {
  for (const name of Object.keys(table)) if (isNoisy(subject, name)) delete table[name];
  test(`${subject}: ${Object.keys(table).length} cases end as with the platform’s fetch`, async () => {
    const ways = { plain: ours(), 'with a timeout': ours({ timeout: 60_000 }), 'with hooks': ours({ hooks: { onRequest() {} } }),
      'with a fetch of its own': ours({ fetch: (...args) => fetch(...args), hooks: { onResponse() {} } }) };
    const { differences } = await compare({ [subject]: table }, { ...world, ways });
    assert.deepEqual(differences, []);
  });
}

test('there are enough cases', () => {
  const count = Object.values(tables).reduce((sum, table) => sum + Object.keys(table).length, 0);
  assert.ok(count >= 200, `${count}`);
});
