// The download size of each entry in bytes, uncompressed and compressed, beside its budget.
// `node scripts/sizes.mjs` writes the sizes of dist/ into the documentation.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { asScript } from './children.mjs';
import { root } from './places.mjs';

/** There as long as what target/ holds was built with the ordinary standard library. */
export const ORDINARY_STD = join(root, 'target', 'ordinary-std');
// Bytes that the ordinary standard library may add. The budgets are those of a release, which is built with the small one.
const ALLOWANCE = 5_000;

// By what is written, the files that are downloaded for it, and the bytes that these may have after gzip.
const ENTRIES = [
  { name: 'tokenflight', files: ['index.js'], budget: 42_000 },
  { name: 'tokenflight (require)', files: ['index.cjs'], budget: 42_400 },
  { name: 'tokenflight/slim', files: ['slim.js', 'tokenflight.wasm'], budget: 41_900 },
  { name: 'tokenflight (workerd)', files: ['workerd.js', 'tokenflight.wasm'], budget: 41_300 },
  { name: 'tokenflight/dpop', files: ['dpop.js'], budget: 3_000 },
  { name: 'index.global.js (CDN)', files: ['index.global.js'], budget: 42_700 },
  ...['react', 'vue', 'svelte'].map((name) => ({ name: `tokenflight/${name}`, files: [`${name}.js`], budget: 1_000 })),
  { name: 'tokenflight/devtools', files: ['devtools.js'], budget: 8_000 },
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

/** Returns the size of one download in bytes, uncompressed and compressed. */
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

/** The documents that state sizes, between comments that say so. */
const STATED_IN = ['README.md', 'CHANGELOG.md', join('docs', 'faq.md'), join('docs', 'install.md')];

/** A document with these sizes in it. */
function withSizes(path, all) {
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const [{ gzip: main }] = all;
  const rows = all.map(({ name, gzip, brotli }) => `| \`${name}\` | ${kB(gzip)} | ${kB(brotli)} |\n`).join('');
  return readFileSync(join(root, path), 'utf8')
    .replace(/(<!-- size -->).*?(<!-- \/size -->)/g, `$1${Math.round(main / 1000)} kB$2`)
    .replace(/(<!-- sizes -->\n)[^]*?(<!-- end of sizes -->)/, `$1${rows}$2`);
}

/** Tells if the documentation states the sizes of dist/. */
export function statedSizesAreTrue() {
  const all = sizes();
  return STATED_IN.every((path) => withSizes(path, all) === readFileSync(join(root, path), 'utf8'));
}

await asScript(import.meta.url, () => {
  const all = sizes();
  for (const path of STATED_IN) writeFileSync(join(root, path), withSizes(path, all));
});
