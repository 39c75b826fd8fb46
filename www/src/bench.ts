// The results of `npm run bench`, which writes public/bench.json, as tables with bars in them.

import { byId, element } from './dom';

interface Row { kind: string; name: string; version?: string; value: number; spread?: number; note?: string }
interface Goal { says: string; line?: number; isMet: boolean; reached?: number }
interface Chart { title: string; unit: string; own: string[]; yardstick?: string; goal?: Goal; rows: Row[] }

// The longest bars are cut off, where others would be too short to be compared.
const LONGEST = 4;

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

interface Results {
  taken: string;
  command: string;
  chromium: string;
  node: string;
  processor: { model: string; cores: number };
  says: string[];
  charts: Chart[];
}

const results = await (await fetch('/bench.json')).json() as Results;
byId('says').replaceChildren(...results.says.map((sentence) => element('li', {}, sentence)));
byId('conditions').textContent = conditions(results);
byId('charts').replaceChildren(...results.charts.map(draw));

function conditions({ taken, command, chromium, node, processor }: Results): string {
  return `${command}, on ${taken}: Chromium ${chromium}, Node ${node}, ${processor.cores} cores of ${processor.model}.`;
}

function draw(chart: Chart): HTMLElement {
  const { title, unit, goal, rows } = chart;
  const hasSpread = rows.some(({ spread }) => spread !== undefined);
  const heads = ['candidate', '', unit, hasSpread ? 'spread' : ''].map((text) => element(text ? 'th' : 'td', {}, text));
  const end = endOfAxis(chart);
  return element('section', { className: 'card chart' },
    element('table', {},
      element('caption', {}, element('h2', {}, title), goal && describe(goal)),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...rows.map((row) => drawRow(row, chart, end)))));
}

function describe({ says, isMet, reached }: Goal): HTMLElement {
  const found = reached === undefined ? '' : ` (${number.format(reached)})`;
  return element('div', { className: 'goal', data: { met: String(isMet) } },
    element('details', {}, element('summary', {}, 'Our goal'),
      element('p', {}, `${says}: `, element('strong', {}, isMet ? `met${found}` : `missed${found}`))));
}

function endOfAxis({ own, yardstick, goal, rows }: Chart): number {
  const longest = Math.max(...rows.map(({ value }) => value));
  const compared = rows.filter(({ name }) => own.includes(name) || name === yardstick).map(({ value }) => value);
  return Math.min(longest, LONGEST * Math.max(...compared, goal?.line ?? 0)) || 1;
}

function drawRow({ kind, name, version, value, spread, note }: Row, { goal }: Chart, end: number): HTMLElement {
  const bar = element('i', { className: value > end ? 'length cut' : 'length' });
  bar.style.width = share(value, end);
  const line = goal?.line !== undefined && element('i', { className: 'line' });
  if (line) line.style.left = share(goal!.line!, end);
  return element('tr', { data: { kind } },
    element('th', { scope: 'row' }, name,
      version ? element('small', {}, ` ${version}`) : null,
      note ? element('small', { className: 'note' }, note) : null),
    element('td', { className: 'bars', ariaHidden: 'true' }, element('div', {}, bar, line)),
    element('td', { className: 'value' }, number.format(value)),
    element('td', { className: 'value' }, spread === undefined ? '' : number.format(spread)));
}

function share(value: number, end: number): string {
  return `${Math.min(Math.max(value / end, 0), 1) * 100}%`;
}
