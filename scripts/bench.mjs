// npm run bench: how fast and how small, beside other clients, in Chromium. About 8 minutes, on a machine that does
// nothing else. --short: less of each, in less than two minutes. --json: writes target/bench.json as well. --publish: writes
// what the page in www shows, and the table of docs/benchmarks.md. A name such as "storm": that figure alone.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';

import { FIGURES, publish, publishedTable } from '../tests/bench/charts.mjs';
import { build } from './build.mjs';
import { asScript, Explained } from './children.mjs';
import { root } from './places.mjs';
import { setup } from './setup.mjs';
import { benchPackages } from './setup/npm.mjs';

const FLAGS = ['--short', '--json', '--publish'];
export const PUBLISHED = join('www', 'public', 'bench.json');
export const TABLE_IN = join('docs', 'benchmarks.md');
// Between these comments, its table is written by this script.
export const TABLE = /(?<=<!-- bench: npm run bench -- --publish -->\n)[^]*?(?=\n<!-- end of bench -->)/;

await asScript(import.meta.url, async (args) => {
  const unknown = args.filter((arg) => !FLAGS.includes(arg) && !FIGURES.includes(arg));
  if (unknown.length > 0) {
    throw new Explained(`Not known: ${unknown.join(', ')}. There are ${[...FLAGS, ...FIGURES].join(', ')}.`);
  }
  const chosen = FIGURES.filter((name) => args.includes(name));
  if (args.includes('--publish') && chosen.length > 0) {
    throw new Explained('--publish takes all figures of one run: leave their names out.');
  }
  const began = Date.now();
  await setup({ engines: ['chromium'], packages: [benchPackages] });
  await build();
  const report = await measure(chosen.length > 0 ? chosen : FIGURES, { short: args.includes('--short') });
  if (args.includes('--json')) write(join('target', 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  if (args.includes('--publish')) show(publish(report));
  console.log(`\nTook ${Math.round((Date.now() - began) / 1000)} s, the set-up included`);
  return conclude(report);
});

/** All figures, each in a line of its own and with its tables. What one of them finds wrong ends the run. */
async function measure(names, { short }) {
  const { setStage } = await import('../tests/bench/stage.mjs'); // not before the set-up has installed what it needs
  const stage = await setStage();
  const figures = {};
  try {
    for (const [n, name] of names.entries()) {
      const { title, usually, run } = await import(`../tests/bench/figures/${name}.mjs`);
      const began = Date.now();
      console.log(`\n── ${n + 1}/${names.length} ${title}: usually ${short ? usually.short : usually.full}`);
      figures[name] = await run(stage, { short });
      console.log(`\n   took ${Math.round((Date.now() - began) / 1000)} s`);
    }
  } finally {
    await stage.strike();
  }
  return { taken: new Date().toISOString(), short, chromium: stage.version, node: process.versions.node,
    processor: { model: cpus()[0]?.model ?? 'unknown', cores: cpus().length }, figures };
}

function write(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`\nWritten to ${path}`);
}

function show(published) {
  write(PUBLISHED, `${JSON.stringify(published, null, 2)}\n`);
  write(TABLE_IN, readFileSync(join(root, TABLE_IN), 'utf8').replace(TABLE, () => publishedTable(published)));
}

/** Sizes are the same on every machine and may fail the run; times are not, and never do. */
function conclude({ figures }) {
  const failures = Object.values(figures).flatMap(({ failures: found = [] }) => found);
  for (const failure of failures) console.error(`\nToo large: ${failure}`);
  return failures.length > 0 ? 1 : 0;
}
