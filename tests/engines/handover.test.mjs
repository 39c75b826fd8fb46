// Four tabs refresh at the same time, against a server that takes a spent refresh token for a stolen one.
//
// A lock does not make a tab see what the one before it wrote into localStorage: the two travel by different ways,
// in every engine. The first test shows that these tabs can see that, or the second would mean nothing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ENGINES } from '../../scripts/setup/engines.mjs';
import { startTokenServer } from './server.mjs';
import { openTabs } from './tabs.mjs';

const TABS = 4;
const ROTATIONS = 300;
// The fault is a race: where it is not met, more is tried.
const TRIES = [{}, { yielding: true }, { yielding: true }, {}];

const engines = (process.env.ENGINES ?? Object.keys(ENGINES).join(' ')).split(' ');
const rows = [];

for (const engine of engines) {
  const { title } = ENGINES[engine];
  describe(title, () => {
    const row = { engine: title };
    let server;
    let tabs;
    before(async () => {
      server = await startTokenServer();
      tabs = await openTabs(engine, server.url, TABS);
      row.version = tabs.version;
      rows.push(row);
    });
    after(async () => {
      await tabs?.close();
      await server?.close();
    });

    /** Signs all tabs in, lets each do the same, and resolves with the server's record. */
    async function play(task, options) {
      const { tokens, record } = server.signIn();
      await tabs.run('signIn', tokens);
      const begin = Date.now() + 1000;
      const met = await tabs.run(task, { begin, ...options }).catch((error) => {
        throw new Error(`${error.message}\nThe server: ${JSON.stringify(record.counts)}, revoked: ${record.revoked}`);
      });
      return { ...record.counts, revoked: record.revoked, met, seconds: (Date.now() - begin) / 1000 };
    }

    test('with a lock and localStorage, spent refresh tokens are presented again', async () => {
      let result;
      for (const options of TRIES) {
        result = await play('plainLock', { times: ROTATIONS / TABS, ...options });
        if (result.reuses > 0) break;
      }
      row.plain = shown(result);
      assert.ok(result.reuses > 0, 'these tabs do not show the fault');
    });

    test('with tokenflight, none is', async () => {
      const result = await play('tokenflight', { rotations: ROTATIONS });
      row.ours = shown(result);
      const { rotations, refreshes, reuses, revoked, met } = result;
      assert.deepEqual({ reuses, revoked, refused: refreshes - rotations }, { reuses: 0, revoked: false, refused: 0 });
      assert.ok(rotations >= ROTATIONS, `${rotations} rotations`);
      assert.ok(met.every((one) => one.refreshes > 0), 'every tab took part');
    });
  });
}

const shown = ({ reuses, rotations, seconds }) => `${reuses} of ${rotations} in ${seconds.toFixed(1)} s`;

after(() => {
  if (!rows.some(({ plain, ours }) => plain || ours)) return;
  const title = { engine: 'engine', version: 'version', plain: 'a lock alone', ours: 'tokenflight' };
  const width = (column) => Math.max(...[title, ...rows].map((row) => (row[column] ?? '-').length));
  console.log(`\n${TABS} tabs: refreshes with a token that another tab had spent, of all`);
  for (const row of [title, ...rows]) {
    console.log(Object.keys(title).map((column) => (row[column] ?? '-').padEnd(width(column))).join('   ').trimEnd());
  }
});
