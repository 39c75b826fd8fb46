// Twenty pages, one expiry: how many refreshes, and how much later the answers are than in one page.

import { printTable, summary } from '../report.mjs';

const REFRESH_TAKES = 50;
const HEAD_START = 150;

export const title = 'Tabs: one expiry in twenty pages';
export const usually = { full: '30 s', short: '15 s' };

export async function run({ quiet, server }, { short }) {
  const rounds = short ? 3 : 15;
  const context = await quiet.newContext();
  server.state.refreshTakes = REFRESH_TAKES;
  try {
    const pages = [];
    for (let n = 0; n < 20; n += 1) pages.push(await quiet.open(context, `${server.url}/tab.html`, 'tab'));
    const rows = await measure({ server, pages, rounds });
    print(rows, rounds);
    return { unit: 'ms', refreshTakes: REFRESH_TAKES, rows };
  } finally {
    server.state.refreshTakes = 0;
    await quiet.closeContext(context);
  }
}

async function measure({ server, pages, rounds }) {
  await pages[0].ask(10, () => tab.signIn());
  const cases = [
    { name: 'one page', how: 'tokenflight', tabs: pages.slice(0, 1) },
    { name: 'twenty pages', how: 'tokenflight', tabs: pages },
    { name: 'one page, 401 and answer alone', how: 'bare', tabs: pages.slice(0, 1) },
    { name: 'twenty pages, 401 and answer alone', how: 'bare', tabs: pages },
  ];
  const measured = cases.map(() => ({ all: [], last: [], refreshes: 0 }));
  for (let round = -1; round < rounds; round += 1) { // one to warm up
    for (const [n, entry] of cases.entries()) {
      const { times, refreshes } = await expireIn(server, entry);
      const into = measured[n];
      if (round < 0) continue;
      into.all.push(summary(times).median);
      into.last.push(Math.max(...times));
      into.refreshes = Math.max(into.refreshes, refreshes);
    }
  }
  return cases.map(({ name }, n) => ({
    name, version: '', ...summary(measured[n].all), last: summary(measured[n].last).median,
    refreshes: measured[n].refreshes, values: measured[n],
  }));
}

/** The token expires, and all `tabs` send a call at the same moment. */
async function expireIn(server, { name, how, tabs }) {
  const token = server.expire();
  server.state.refreshes = 0;
  const at = Date.now() + HEAD_START;
  const times = await Promise.all(tabs.map((page) => page.ask(
    20, ([time, sender, fresh]) => tab.callAt(time, sender, fresh), [at, how, token],
  )));
  const { refreshes } = server.state;
  const wanted = how === 'bare' ? 0 : 1;
  if (refreshes !== wanted) throw new Error(`${name}: ${refreshes} refreshes in place of ${wanted}`);
  return { times, refreshes };
}

function print(rows, rounds) {
  const ms = (value) => value.toFixed(1);
  printTable(`From the call to its answer: ms, ${rounds} rounds; the refresh itself takes ${REFRESH_TAKES}`, [
    ['pages', 'name'], ['', 'version'], ['median ms', 'median', ms], ['spread', 'spread', ms],
    ['the last page', 'last', ms], ['refreshes', 'refreshes'],
  ], rows);
}
