// What a user downloads with each entry: bytes, as they are and compressed, beside what they may weigh.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from './places.mjs';

/** There as long as what target/ holds was built with the ordinary standard library. */
export const ORDINARY_STD = join(root, 'target', 'ordinary-std');
// What that may weigh besides. The budgets are those of a release, which is built with the small one.
const ALLOWANCE = 5_000;

// By what is written, the files that are downloaded for it, and the bytes that these may have after gzip.
const ENTRIES = [
  { name: 'tokenflight', files: ['index.js'], budget: 47_000 },
  { name: 'tokenflight (require)', files: ['index.cjs'], budget: 47_500 },
  { name: 'tokenflight/slim', files: ['slim.js', 'tokenflight.wasm'], budget: 46_200 },
  { name: 'tokenflight (workerd)', files: ['workerd.js', 'tokenflight.wasm'], budget: 45_500 },
  { name: 'index.global.js (CDN)', files: ['index.global.js'], budget: 47_400 },
  ...['react', 'vue', 'svelte'].map((name) => ({ name: `tokenflight/${name}`, files: [`${name}.js`], budget: 1_000 })),
  { name: 'tokenflight/testing', files: ['testing.js'], budget: 4_000 },
];

/** The entries of dist/, with their sizes in bytes. */
export function sizes() {
  const allowance = existsSync(ORDINARY_STD) ? ALLOWANCE : 0;
  return ENTRIES.map(({ name, files, budget: ofRelease }) => {
    // Bindings have no WebAssembly, which alone is larger without it.
    const budget = ofRelease + (ofRelease > 10_000 ? allowance : 0);
    const weights = files.map((file) => weigh(readFileSync(join(root, 'dist', file))));
    const sum = (kind) => weights.reduce((total, weight) => total + weight[kind], 0);
    return { name, budget, raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') };
  });
}

/** What one download weighs: bytes, as they are and compressed. */
export function weigh(content) {
  return {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

export function printSizes() {
  const row = (name, ...cells) => console.log(name.padEnd(22), ...cells.map((cell) => String(cell).padStart(10)));
  console.log();
  row('entry (bytes)', 'raw', 'gzip -9', 'brotli 11', 'budget');
  for (const { name, raw, gzip, brotli, budget } of sizes()) row(name, raw, gzip, brotli, budget);
}
