// From the request for an application's script to the first `createApi` in it: in a profile that knows nothing, and in one
// that has the compiled code cached.

import { median, printTable, summary, versionsOf } from '../report.mjs';
import { withProfile } from '../stage.mjs';

const SCRIPTS = {
  nothing: { path: '/start/nothing.js' },
  'hand-written': { path: '/start/hand-written.js' },
  axios: { path: '/start/axios.js' },
  tokenflight: { path: '/start/tokenflight.js', version: 'tokenflight' },
  'tokenflight/slim': { path: '/start/slim.js', version: 'tokenflight' },
};
// Chromium keeps the compiled code of what it has met twice, but writes it a while after the script has run.
const VISITS_BEFORE = 3;
const WRITTEN_AFTER = 2000;

export const title = 'Start: from the request for the script to the first createApi';
export const usually = { full: '2 min', short: '25 s' };

export async function run({ browser, server }, { short }) {
  const loads = short ? 3 : 30;
  const cold = collect();
  for (let n = 0; n < loads; n += 1) {
    await eachScript(n, async (name) => {
      const context = await browser.newContext();
      cold[name].push(await load(context, server.url, SCRIPTS[name]));
      await context.close();
    });
  }
  const warm = collect();
  await withProfile(async (profile) => {
    for (let visit = 0; visit < VISITS_BEFORE; visit += 1) {
      await Promise.all(Object.values(SCRIPTS).map((script) => load(profile, server.url, script, WRITTEN_AFTER)));
    }
    for (let n = 0; n < loads; n += 1) {
      await eachScript(n, async (name) => warm[name].push(await load(profile, server.url, SCRIPTS[name])));
    }
  });
  return { cold: print('cold', cold, loads), warm: print('warm', warm, loads) };
}

const collect = () => Object.fromEntries(Object.keys(SCRIPTS).map((name) => [name, []]));

async function eachScript(round, act) {
  const names = Object.keys(SCRIPTS);
  const first = round % names.length;
  for (const name of [...names.slice(first), ...names.slice(0, first)]) await act(name);
}

/** Milliseconds on the clock, and those of them that the main thread was busy. The page stays open for `stay` ms more. */
async function load(context, url, { path }, stay = 0) {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${url}/start.html`);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' }); // what others take meanwhile does not count
  const before = await busy(devtools);
  const total = await page.evaluate(begin, path);
  const after = await busy(devtools);
  if (stay) await page.waitForTimeout(stay);
  await page.close();
  return { total, busy: after - before };
}

/** Runs in the page. */
async function begin(path) {
  const began = performance.now();
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: path, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  await globalThis.ready;
  return performance.now() - began;
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
      version: versionsOf(SCRIPTS[name].version ?? name),
      ...summary(values.map(({ total }) => total)),
      busy: main.median,
      busySpread: main.spread,
      values,
    };
  });
  const ms = (value) => value.toFixed(2);
  printTable(`${which}: ms, ${loads} loads (main thread: what it was busy beyond an empty script)`, [
    ['script', 'name'], ['version', 'version'], ['median ms', 'median', ms], ['spread', 'spread', ms],
    ['main thread', 'busy', ms], ['spread', 'busySpread', ms],
  ], rows);
  return { unit: 'ms', rows };
}
