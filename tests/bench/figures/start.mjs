// From the import to the first `createApi`: in a profile that knows nothing, and in one that has it cached.

import { median, printTable, summary, versionsOf } from '../report.mjs';
import { withProfile } from '../stage.mjs';

const MODULES = {
  nothing: { path: '/start/nothing.js' },
  'hand-written': { path: '/start/hand-written.js' },
  axios: { path: '/start/axios.js' },
  tokenflight: { path: '/start/tokenflight.js', version: 'tokenflight' },
  'tokenflight/slim': { path: '/start/slim.js', wasm: '/start/tokenflight.wasm', version: 'tokenflight' },
};
// Chromium keeps the compiled code of what it has met more than once.
const VISITS_BEFORE = 4;

export const title = 'Start: from the import to the first createApi';
export const usually = { full: '2 min', short: '15 s' };

export async function run({ browser, server }, { short }) {
  const loads = short ? 3 : 30;
  const cold = collect();
  for (let n = 0; n < loads; n += 1) {
    await eachModule(n, async (name) => {
      const context = await browser.newContext();
      cold[name].push(await load(context, server.url, MODULES[name]));
      await context.close();
    });
  }
  const warm = collect();
  await withProfile(async (profile) => {
    for (let n = -VISITS_BEFORE; n < loads; n += 1) {
      await eachModule(n + VISITS_BEFORE, async (name) => {
        const values = await load(profile, server.url, MODULES[name]);
        if (n >= 0) warm[name].push(values);
      });
    }
  });
  return { cold: print('cold', cold, loads), warm: print('warm', warm, loads) };
}

const collect = () => Object.fromEntries(Object.keys(MODULES).map((name) => [name, []]));

async function eachModule(round, act) {
  const names = Object.keys(MODULES);
  const first = round % names.length;
  for (const name of [...names.slice(first), ...names.slice(0, first)]) await act(name);
}

/** Milliseconds on the clock, and those of them that the main thread was busy. */
async function load(context, url, module) {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${url}/start.html`);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' }); // what others take meanwhile does not count
  const before = await busy(devtools);
  const values = await page.evaluate(begin, module);
  const after = await busy(devtools);
  await page.close();
  return { ...values, busy: after - before };
}

/** Runs in the page. */
async function begin({ path, wasm }) {
  const began = performance.now();
  const module = await import(path);
  const imported = performance.now();
  if (wasm) await module.init(wasm);
  module.createApi?.();
  return { imported: imported - began, total: performance.now() - began };
}

async function busy(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

function print(which, measured, loads) {
  const idle = median(measured.nothing.map(({ busy: ms }) => ms));
  const rows = Object.entries(measured).map(([name, values]) => {
    const main = summary(values.map(({ busy: ms }) => ms - idle));
    return {
      name,
      version: versionsOf(MODULES[name].version ?? name),
      ...summary(values.map(({ total }) => total)),
      imported: median(values.map(({ imported }) => imported)),
      busy: main.median,
      busySpread: main.spread,
      values,
    };
  });
  const ms = (value) => value.toFixed(2);
  printTable(`${which}: ms, ${loads} loads (main thread: what it was busy beyond an empty module)`, [
    ['module', 'name'], ['version', 'version'], ['median ms', 'median', ms], ['spread', 'spread', ms],
    ['import alone', 'imported', ms], ['main thread', 'busy', ms], ['spread', 'busySpread', ms],
  ], rows);
  return { unit: 'ms', rows };
}
