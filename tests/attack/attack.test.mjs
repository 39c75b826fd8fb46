// Hostile arguments, URLs, answers and pages, drawn at random and shrunk: in pages of each engine, and, what needs no
// page, in Node.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ENGINES } from '../../scripts/setup/engines.mjs';
import { openTabs } from '../engines/tabs.mjs';
import { stories, thousands } from './page/thousands.js';
import { startServers } from './server.mjs';
import { isLong, PATH, SEED } from './setting.mjs';

/** How many cases there are: of the short form, and of `--long`. `step`: after how many it tells how far it is. */
const SUITES = {
  urls: { title: 'no token goes to another origin', short: 1000, long: 10_000, step: 250 },
  arguments: { title: 'arguments resolve and reject as with fetch', short: 1000, long: 10_000, step: 250 },
  answers: { title: 'every answer of a token server ends every wait', short: 200, long: 2000, step: 50 },
  faults: { title: 'faults of a page hang nobody, and pass', short: 4, long: 100, step: 2 },
};

const engines = (process.env.ENGINES ?? 'chromium').split(' ');

/** Runs one suite, in steps, each with a seed of its own. */
async function run(tab, ports, suite) {
  const { short, long, step } = SUITES[suite];
  const runs = isLong ? long : short;
  console.log(`${suite}: ${runs} cases, seed ${SEED}`);
  let facts = {};
  for (let done = 0; done < runs; done += step) {
    const options = { suite, ports, seed: SEED + done, runs: Math.min(step, runs - done), path: PATH };
    const [told] = await tab.run('attack', options, 300_000);
    if (told.failure) assert.fail(`${told.failure}\n\nThe same case again:\n  ATTACK_SEED=${told.seed} ATTACK_PATH=${told.path} npm test -- attack ${suite}\n`);
    facts = added(facts, told.facts);
    console.log(`  ${done + told.runs} of ${runs}`);
    if (PATH) break;
  }
  console.log(`  ${JSON.stringify(facts)}`);
  return facts;
}

const added = (sum, facts) => Object.fromEntries(
  Object.entries({ ...sum, ...facts }).map(([name, value]) => [name, typeof value === 'number' && name in sum && !TOTALS.includes(name) ? sum[name] + value : value]),
);
// The server counts these from its start.
const TOTALS = ['carried', 'refreshes', 'other'];

// After a redirect to another origin, WebKitGTK asks that origin if it may send Authorization on, for any `fetch`. A
// library that lets the browser follow redirects cannot prevent that.
const skipReason = (engine, suite) => engine === 'webkit' && suite === 'urls'
  && 'WebKitGTK offers Authorization to the target of a redirect, whoever calls fetch';

for (const engine of engines) {
  describe(`Attacks in ${ENGINES[engine].title}`, () => {
    let servers;
    let tab;
    before(async () => {
      servers = await startServers();
      tab = await openTabs(engine, servers.url, 1);
    });
    after(async () => {
      await tab?.close();
      servers?.close();
    });

    for (const [suite, { title }] of Object.entries(SUITES)) {
      test(`${suite}: ${title}`, { skip: skipReason(engine, suite) }, async () => {
        const facts = await run(tab, servers.ports, suite);
        if (suite !== 'urls' || PATH) return;
        // Otherwise it would show nothing: tokens went where they belong, and requests to where they do not.
        assert.ok(facts.carried > 100 && facts.other > 20, JSON.stringify(facts));
      });
    }

    for (const name of stories(false)) {
      test(`1,200 times: ${name}`, async () => { await tab.run('thousands', name); });
    }
  });
}

describe('Attacks in Node', async () => {
  const { createApi } = await import('../../dist/index.js');
  for (const name of stories(true)) {
    test(`1,200 times: ${name}, in Node`, () => thousands(createApi, name));
  }
});
