// From values to tables: medians, quartiles, ratios, and plain columns.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';

export const YARDSTICK = 'hand-written';

/** The version of an npm package of this folder, or of tokenflight. */
function versionOf(module) {
  const folder = module === 'tokenflight' ? root : join(import.meta.dirname, 'node_modules', module);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

const VERSIONS = {
  'native fetch': [],
  'hand-written': [],
  'bare limit': [],
  nothing: [],
  'axios + auth-refresh': ['axios', 'axios-auth-refresh'],
  'tokenflight fetch': ['tokenflight'],
  'tokenflight get': ['tokenflight'],
};

/** The versions of the packages behind a row's name; most rows are called as their package is. */
export const versionsOf = (name) => (VERSIONS[name] ?? [name]).map(versionOf).join(' + ');

/** The value below which the share `part` of all values lies. */
function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

export const median = (values) => quantile(values, 0.5);

/** Median and interquartile spread. */
export function summary(values) {
  return { median: median(values), spread: quantile(values, 0.75) - quantile(values, 0.25) };
}

/**
 * One row for each name: its version, its median, its spread, and the median of its ratios to `against` in the same
 * round.
 */
export function compare(values, against = YARDSTICK) {
  return Object.entries(values).map(([name, own]) => ({
    name,
    version: versionsOf(name),
    ...summary(own),
    ratio: median(own.map((value, round) => value / values[against][round])),
    values: own,
  }));
}

export const fixed = (digits) => (value) => (value === undefined ? '' : value.toFixed(digits));

/** Columns as `[title, key, format]`; the first two to the left, numbers to the right. */
export function printTable(title, columns, rows) {
  const cell = (row, [, key, format = String]) => (row[key] === undefined ? '' : format(row[key]));
  const heads = columns.map(([heading]) => heading);
  const cells = [heads, ...rows.map((row) => columns.map((column) => cell(row, column)))];
  const widths = columns.map((_, n) => Math.max(...cells.map((line) => line[n].length)));
  console.log(`\n${title}`);
  for (const line of cells) {
    const padded = line.map((text, n) => (n < 2 ? text.padEnd(widths[n]) : text.padStart(widths[n])));
    console.log(padded.join('  ').trimEnd());
  }
}

/** The columns of a comparison in `unit`. */
export const comparison = (unit, digits = 1, against = YARDSTICK) => [
  ['candidate', 'name'], ['version', 'version'],
  [`median ${unit}`, 'median', fixed(digits)], ['spread', 'spread', fixed(digits)],
  [`÷ ${against}`, 'ratio', fixed(2)],
];
