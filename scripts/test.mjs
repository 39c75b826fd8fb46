// npm test: all stages. npm test -- browser: one. npm test -- browser replay: those of its tests whose name
// contains "replay".

import { asScript, Explained } from './children.mjs';
import { setup } from './setup.mjs';
import { browserTests, endToEndTests, nativeTests } from './test/stages.mjs';

const STAGES = {
  native: { title: 'Native tests of the crate', run: nativeTests },
  browser: { title: 'Tests in a real browser', run: browserTests },
  e2e: { title: 'End-to-end tests of the package and the demo', run: endToEndTests },
};

/** Runs one stage. A failing one never keeps the later ones from running. */
async function runStage(name, filters) {
  console.log(`\n── ${STAGES[name].title} (${name}) ${'─'.repeat(20)}\n`);
  const began = Date.now();
  let result;
  try {
    result = await STAGES[name].run(filters);
  } catch (error) {
    console.error(error instanceof Explained ? error.message : error);
    result = { ok: false, passed: 0, failed: 0 };
  }
  // Nothing ran: nothing was shown to work. Only a filter may leave a stage empty.
  if (result.passed + result.failed === 0 && filters.length === 0) result.ok = false;
  // A stage that broke before or after its tests counts as a failure, so that the sum tells of it.
  if (!result.ok && result.failed === 0) result.failed = 1;
  return { name, ...result, seconds: (Date.now() - began) / 1000 };
}

function printSummary(results) {
  console.log('\nstage     result   passed   failed      time');
  for (const { name, ok, passed, failed, seconds } of results) {
    console.log([
      name.padEnd(8), (ok ? 'ok' : 'FAILED').padEnd(6), String(passed).padStart(8), String(failed).padStart(8),
      `${seconds.toFixed(1)} s`.padStart(9),
    ].join(' '));
  }
  const sum = (count) => results.reduce((total, result) => total + result[count], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
}

await asScript(import.meta.url, async (args) => {
  const named = args.filter((arg) => arg in STAGES);
  const names = named.length > 0 ? named : Object.keys(STAGES);
  const filters = args.filter((arg) => !(arg in STAGES));
  await setup({
    wasm: names.some((name) => name !== 'native'),
    browser: names.some((name) => name !== 'native'),
  });
  const results = [];
  for (const name of names) results.push(await runStage(name, filters));
  printSummary(results);
  return results.every(({ ok }) => ok) ? 0 : 1;
});
