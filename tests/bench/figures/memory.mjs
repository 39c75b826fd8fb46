// Leftovers of many calls: WebAssembly pages, slots of its table, the heap after a collection, listeners.

import { printTable } from '../report.mjs';

const PARTS = 5;

export const title = 'Memory';
export const usually = { full: '1 min', short: '4 s' };

export async function run({ page }, { short }) {
  const share = short ? 50 : 1;
  const plans = { calls: 1_000_000 / share, unauthorized: 100_000 / share, aborts: 100_000 / share };
  const names = { calls: 'calls', unauthorized: '401s', aborts: 'aborts' };
  await page.send('Performance.enable');
  const rows = [];
  for (const [kind, total] of Object.entries(plans)) {
    await page.ask(10, (given) => bench.memory.begin(given), kind);
    for (let part = 0; part <= PARTS; part += 1) {
      // The first sample is taken after a warm-up, which is not counted.
      await page.ask(300, (given) => bench.memory.goOn(given), part === 0 ? 2000 : total / PARTS);
      rows.push({ name: names[kind], version: String((total / PARTS) * part), ...await sample(page) });
    }
  }
  printTable('After so many (the first line of each: after a warm-up of 2000)', [
    ['kind', 'name'], ['done', 'version'], ['wasm pages', 'pages'], ['table slots', 'slots'],
    ['heap kB', 'heap', (value) => (value / 1000).toFixed(0)], ['listeners', 'listeners'],
  ], rows);
  return { rows };
}

async function sample(page) {
  for (let n = 0; n < 3; n += 1) await page.send('HeapProfiler.collectGarbage');
  const { usedSize } = await page.send('Runtime.getHeapUsage');
  const { metrics } = await page.send('Performance.getMetrics');
  const listeners = metrics.find(({ name }) => name === 'JSEventListeners').value;
  return { ...await page.ask(10, () => bench.memory.wasm()), heap: usedSize, listeners };
}
