// The packed package in every place of the table; `PLACES=fast` only in those that need nothing but what the project
// has anyway.

import { after, describe, test } from 'node:test';

import { launchBrowser } from '../e2e/shop.mjs';
import { Fixture } from './fixture.mjs';
import { PLACES, versionOf } from './places.mjs';

const places = process.env.PLACES === 'fast' ? PLACES.filter(({ fast }) => fast) : PLACES;

let launched;
const browser = () => (launched ??= launchBrowser());
const results = [];

after(async () => {
  const chromium = (await launched)?.version();
  await (await launched)?.close();
  printTable(chromium);
});

// Two at a time: a build leaves one of two processors idle for half of its time.
describe('the packed package', { concurrency: 2 }, () => {
  for (const place of places) {
    test(`it works in ${place.name}`, { timeout: 120_000 }, async (t) => {
      const result = { place, ok: false, began: Date.now() };
      results.push(result);
      const fixture = new Fixture(place, browser);
      t.after(() => fixture.close({ keep: !result.ok }));
      t.after(() => { result.seconds = (Date.now() - result.began) / 1000; });
      await place.play(fixture);
      result.ok = true;
    });
  }
});

function printTable(chromium) {
  if (results.length === 0) return; // filtered away
  const rows = results.map(({ place, ok, seconds }) => [
    place.name, versionOf(place, chromium), ok ? 'ok' : 'FAILED', `${seconds.toFixed(1)} s`.padStart(7),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length), 7));
  console.log('');
  for (const row of [['place', 'version', 'result', '   time'], ...rows]) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  }
}
