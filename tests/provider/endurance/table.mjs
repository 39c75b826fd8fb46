// The table of all runs, and below it what was explained.

const COLUMNS = [
  ['engine', ({ engine, version }) => `${engine} ${parseFloat(version)}`], ['tabs', ({ tabs }) => tabs],
  ['expiries', ({ expiries }) => expiries], ['refreshes', ({ refreshes }) => refreshes], ['revoked', ({ revoked }) => revoked],
  ['requests', ({ requests }) => requests], ['answered', ({ answered }) => answered], ['posts', ({ posts }) => posts],
  ['lost', ({ lost }) => lost], ['doubled', ({ doubled }) => doubled], ['faults', ({ faults }) => faults.length],
  ['s', ({ seconds }) => seconds],
];

export function table(results) {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, read]) => String(read(result))))];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  const line = (row) => row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('  ');
  return [...rows.map(line), ...results.flatMap(details)].join('\n');
}

function details({ engine, counts, explained, faults, problems, seed }) {
  const done = Object.entries(counts).sort().map(([name, count]) => `${count} × ${name}`).join('; ');
  return [
    '', `${engine}, seed ${seed}: ${done}`,
    ...explained.map(([what, count]) => `  explained  ${String(count).padStart(5)}  ${what}`),
    ...faults.slice(0, 20).map((fault) => `  FAULT  ${fault}`),
    ...problems.slice(0, 5).map((problem) => `  the test  ${problem}`),
  ];
}
