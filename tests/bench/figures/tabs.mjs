// Twenty pages, one expiry: how many refreshes, and what it adds that the pages have to agree on one.

import { printTable, summary, versionsOf } from '../report.mjs';

const REFRESH_TAKES = 50;
const HEAD_START = 150;
const BARE = 'bare limit';
const CASES = [1, 20].flatMap((count) => [BARE, 'tokenflight'].map((how) => (
  { name: `${how}, ${count} ${count === 1 ? 'page' : 'pages'}`, how, count }
)));

export const title = 'Tabs: one expiry in twenty pages';
export const usually = { full: '40 s', short: '15 s' };

export async function run({ quiet, server }, { short }) {
  const rounds = short ? 5 : 31;
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
  const measured = CASES.map(() => ({ values: [], last: [] }));
  for (let round = -1; round < rounds; round += 1) { // one to warm up
    for (const [n, given] of CASES.entries()) {
      const times = await expireIn(server, given, pages);
      if (round < 0) continue;
      measured[n].values.push(summary(times).median);
      measured[n].last.push(Math.max(...times));
    }
  }
  return CASES.map(({ name, how, count }, n) => {
    const { values, last } = measured[n];
    const bare = measured[CASES.findIndex((other) => other.how === BARE && other.count === count)].values;
    return {
      name, version: versionsOf(how), ...summary(values), last: summary(last).median, refreshes: 1,
      added: summary(values.map((value, round) => value - bare[round])), values,
    };
  });
}

/** The token expires, and as many pages send a call at the same moment. Returns how long it took in each of them. */
async function expireIn(server, { name, how, count }, pages) {
  server.state.expire();
  server.state.refreshes = 0;
  const at = Date.now() + HEAD_START;
  const times = await Promise.all(pages.slice(0, count).map((page, n) => page.ask(
    20, ([time, sender, leads]) => tab.callAt(time, sender, leads), [at, how, n === 0],
  )));
  const { refreshes } = server.state;
  if (refreshes !== 1) throw new Error(`${name}: ${refreshes} refreshes in place of one`);
  return times;
}

function print(rows, rounds) {
  const ms = (value) => value.toFixed(1);
  printTable(`From the call to its answer: ms, ${rounds} rounds; the refresh itself takes ${REFRESH_TAKES}`, [
    ['pages', 'name'], ['version', 'version'], ['median ms', 'median', ms], ['spread', 'spread', ms],
    ['beyond the limit', 'added', ({ median, spread }) => `${ms(median)} ± ${ms(spread / 2)}`],
    ['the last page', 'last', ms], ['refreshes', 'refreshes'],
  ], rows);
}
