// Runs stages one after another, and sums up.

import { Explained } from '../children.mjs';

/** `stages`: by name, a title and what runs it, with `options`. Resolves with the exit code. */
export async function runStages(stages, filters, options) {
  const results = [];
  for (const [name, stage] of Object.entries(stages)) results.push(await runStage(name, stage, filters, options));
  printSummary(results);
  return results.every(({ ok }) => ok) ? 0 : 1;
}

/** Runs one stage. A failing one never keeps the later ones from running. */
async function runStage(name, { title, run }, filters, options) {
  console.log(`\n── ${title} (${name}) ${'─'.repeat(20)}\n`);
  const began = Date.now();
  let result;
  try {
    result = await run(filters, options);
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
