// The results of the run, one line for each client.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TITLES = {
  client: 'client', version: 'version', calls: 'calls', refreshes: 'refreshes', bodies: 'bodies',
  signedOut: 'signed out', aborted: 'aborted',
};

export function versionOf(module) {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'node_modules', module, 'package.json'), 'utf8')).version;
}

export function table(rows) {
  const columns = Object.keys(TITLES);
  const cell = (row, column) => String(row[column] ?? '-');
  const lines = [TITLES, ...rows];
  const widths = columns.map((column) => Math.max(...lines.map((row) => cell(row, column).length)));
  const line = (row) => columns.map((column, n) => cell(row, column).padEnd(widths[n])).join('   ').trimEnd();
  return lines.map(line).join('\n');
}
