// Tabs that share a session of a real identity provider with rotation and reuse detection, while they are killed,
// frozen, taken offline, given another time and robbed of their database. Nothing is revoked, lost or doubled, and
// there are as many refreshes as expiries, but for what is explained.
//
// `npm test -- provider --long` is the long form, in each engine. SEED=… repeats a plan (not the scheduling of the
// machine); ENGINES, TABS, EXPIRIES, LONGEST (seconds) and KINDS=slow,kill change what is run; PACKAGE=… is the file to
// test.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startChromium } from './endurance/chromium.mjs';
import { endure } from './endurance/run.mjs';
import { table } from './endurance/table.mjs';
import { startWebDriver } from './endurance/webdriver.mjs';

const isLong = process.env.ENDURANCE_LONG === '1';
const SIZES = {
  short: { tabs: 3, expiries: 20 },
  chromium: { tabs: 20, expiries: 1000 },
  firefox: { tabs: 5, expiries: 200 },
  webkit: { tabs: 5, expiries: 200 },
};
const seed = process.env.SEED ?? String(Date.now() % 1e6);
const engines = (process.env.ENGINES ?? (isLong ? 'chromium firefox webkit' : 'chromium')).split(' ');
const file = resolve(process.env.PACKAGE ?? fileURLToPath(new URL('../../dist/index.js', import.meta.url)));

const results = [];

for (const engine of engines) {
  const size = { ...SIZES[isLong ? engine : 'short'] };
  if (process.env.TABS) size.tabs = Number(process.env.TABS);
  if (process.env.EXPIRIES) size.expiries = Number(process.env.EXPIRIES);

  describe(`endurance in ${engine}: ${size.tabs} tabs, ${size.expiries} expiries`, () => {
    let result;
    const why = () => [`SEED=${seed}`, ...result.faults.slice(0, 12), ...result.problems.slice(0, 5)].join('\n');

    test('runs to its end', async () => {
      if (!existsSync(file)) throw new Error(`There is no ${file}. \`npm run build\` makes the package.`);
      const usually = Math.ceil(size.expiries * 1.5);
      console.log(`${engine}: ${size.expiries} expiries in ${size.tabs} tabs, usually ${usually} s; SEED=${seed}`);
      const start = engine === 'chromium' ? startChromium : () => startWebDriver(engine);
      const longest = Number(process.env.LONGEST ?? size.expiries * 6);
      result = await endure({ start, seed, file, longest, kinds: process.env.KINDS?.split(','), ...size });
      results.push(result);
      assert.equal(result.expiries, size.expiries, why());
      assert.deepEqual(result.problems, []);
    });

    test('nothing is revoked, lost or doubled, and as much is refreshed as expires', () => {
      assert.deepEqual(result.faults, [], why());
    });

    test('the run was what it should be', { skip: !isLong && 'too short for every kind of disruption' }, () => {
      for (const kind of result.kinds) {
        assert.ok(Object.keys(result.counts).some((name) => name.startsWith(kind)), `${kind}: ${why()}`);
      }
    });

    test('most requests are answered', () => {
      assert.ok(result.answered > result.requests * 0.6, `${result.answered} of ${result.requests}`);
    });
  });
}

after(() => {
  if (results.length === 0) return;
  const again = `SEED=${seed} npm test -- provider${isLong ? ' --long' : ''}`;
  console.log(`\n${table(results)}\n\nThe same plan again: ${again}\n`);
});
