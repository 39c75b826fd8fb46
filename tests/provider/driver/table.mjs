// One table at the end, and below it what was done to the tabs.
//
// refreshes    granted by the provider
// used token   a refresh token was presented that had been granted before; `unexplained`: and no page had been cut
//              off in the middle of that refresh
// lost         calls whose callers did not get what they were owed; `aged`, not among them: the replay came with the
//              newest token, which had expired on its way (a busy machine)
// doubled      orders that arrived with a good token more often than their callers sent them

const COLUMNS = [
  ['client', 'client'], ['scenario', 'scenario'], ['tabs', 'tabs'], ['expiries', 'expiries'],
  ['refreshes', 'refreshes'], ['used token', 'used'], ['unexplained', 'unexplained'], ['revoked', 'revoked'],
  ['requests', 'requests'], ['lost', 'lost'], ['aged', 'aged'], ['orders', 'orders'], ['doubled', 'doubled'],
  ['to login', 'thrown'], ['s', 'seconds'],
];

export function table(results) {
  const titles = COLUMNS.map(([title]) => title);
  const rows = [titles, ...results.map((result) => COLUMNS.map(([, key]) => String(result[key])))];
  const widths = titles.map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  const line = (row) => row.map((cell, index) => (
    index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index])
  )).join('  ');
  return [...rows.map(line), '', ...results.map(disruptions)].join('\n');
}

function disruptions({ client, scenario, disruptions: done, cutBefore }) {
  const lost = cutBefore.all === 0 ? '' : `; ${cutBefore.all} refreshes got lost before the provider with their page, `
    + `and ${cutBefore.outlived} of these the browser had not given up`;
  return `${client}, ${scenario}: ${done.close} closes and ${done.reload} reloads, ${done.starter} of them in the `
    + `middle of the tab's own refresh and ${done.waiter} of another tab's; ${done.offline} offline spells, `
    + `${done.midOffline} of them in the middle of a refresh${lost}`;
}
