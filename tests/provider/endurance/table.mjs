// The table of all runs, and below it what was explained.

const COLUMNS = ['tabs', 'expiries', 'refreshes', 'revoked', 'requests', 'answered', 'posts', 'lost', 'doubled'];

export function table(results) {
  const rows = [['engine', ...COLUMNS, 'faults', 's'], ...results.map((result) => [
    `${result.engine} ${/^\d+\.\d+/.exec(result.version)}`, ...COLUMNS.map((name) => `${result[name]}`),
    `${result.faults.length}`, `${result.seconds}`,
  ])];
  const widths = rows[0].map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  const pad = (cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]));
  return [...rows.map((row) => row.map(pad).join('  ')), ...results.flatMap(details)].join('\n');
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
