// For npm run release, or by itself (node scripts/test-reproducible.mjs): builds the package once more, from a copy of the sources in another folder and from nothing,
// and compares every byte. A few minutes; a release does it, so that others can check what was published.

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from './build.mjs';
import { asScript, run } from './children.mjs';
import { root } from './places.mjs';
import { setup } from './setup.mjs';

/** The other build's copy has no results and no history. */
const LEFT_OUT = ['.git', 'dist', 'node_modules', 'target', 'scratch'];

/** The files of a package by their names. */
const digests = (folder) => Object.fromEntries(readdirSync(folder).sort().map((name) => (
  [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]
)));

async function buildAgain(folder) {
  cpSync(root, folder, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, [join(folder, 'scripts', 'build.mjs'), '--force'], { cwd: folder });
  return digests(join(folder, 'dist'));
}

await asScript(import.meta.url, async () => {
  await setup();
  await build();
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight again '));
  try {
    const [first, second] = [digests(join(root, 'dist')), await buildAgain(folder)];
    const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
    const other = names.filter((name) => first[name] !== second[name]);
    for (const name of names) console.log(`${first[name] === second[name] ? 'same ' : 'OTHER'} ${first[name]} ${name}`);
    console.log(`\n${names.length - other.length} passed, ${other.length} failed`);
    return other.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
