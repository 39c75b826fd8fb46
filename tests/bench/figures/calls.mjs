// The cost of a call that meets no 401, with a stub in place of the network.

import { compare, comparison, printTable } from '../report.mjs';

const WAYS = { sequential: 'one after another', atOnce: '1,000 at once' };

export const title = 'The cost of a call without a 401';
export const usually = { full: '2 min', short: '20 s' };

export async function run({ page }, { short }) {
  const rounds = short ? 3 : 15;
  const plans = {
    sequential: { way: 'sequential', calls: short ? 100 : 300, rounds, warmUp: short ? 1 : 5 },
    atOnce: { way: 'atOnce', calls: 1000, rounds, warmUp: short ? 1 : 3 },
  };
  await page.ask(30, () => bench.checkDuties());
  const result = {};
  for (const [way, plan] of Object.entries(plans)) {
    const rows = compare(await page.ask(300, (given) => bench.calls(given), plan));
    printTable(`A stubbed call, ${WAYS[way]}: µs, ${rounds} rounds of ${plan.calls}`, comparison('µs'), rows);
    result[way] = { unit: 'µs', rows };
  }
  return result;
}
