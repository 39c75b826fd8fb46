// The cost of a call, and the storm, over real HTTP on this machine.

import { compare, comparison, printTable } from '../report.mjs';
import { checkStorm, printStorm, stormRows } from './storm.mjs';

const OWN = ['hand-written', 'tokenflight fetch', 'tokenflight get'];

export const title = 'Real HTTP on loopback';
export const usually = { full: '3 min', short: '20 s' };

export async function run({ page }, { short }) {
  const rounds = short ? 3 : 6;
  const plans = {
    sequential: { way: 'sequential', calls: short ? 20 : 60, rounds, warmUp: 1, real: true },
    atOnce: { way: 'atOnce', calls: short ? 60 : 180, rounds, warmUp: 1, real: true },
  };
  const result = {};
  for (const [way, plan] of Object.entries(plans)) {
    const rows = compare(await page.ask(600, (given) => bench.calls(given), plan));
    const how = way === 'atOnce' ? 'at once' : 'one after another';
    printTable(`A call over HTTP, ${how}: µs, ${rounds} rounds of ${plan.calls}`, comparison('µs', 0), rows);
    result[way] = { unit: 'µs', rows };
  }
  const many = short ? { waiters: 100, rounds: 1 } : { waiters: 1000, rounds: 3 };
  result.storm = await storm(page, { ...many, only: OWN });
  return result;
}

async function storm(page, plan) {
  const measured = await page.ask(600, (given) => bench.storm({ ...given, real: true }), plan);
  const rows = stormRows(measured, plan.waiters);
  printStorm(`A storm of ${plan.waiters} over HTTP: ms, ${plan.rounds} rounds`, rows);
  checkStorm(measured, OWN.slice(1)); // the hand-written one may refresh again for a late 401
  return { waiters: plan.waiters, unit: 'ms', rows };
}
