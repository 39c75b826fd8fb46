// The documents that people read: README.md and docs/, with the samples in them.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { root } from '../../scripts/places.mjs';

const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).sort();

/** The documents that are published, by their paths. */
export const DOCUMENTS = ['README.md', ...pages.map((name) => join('docs', name))];

// A recipe is tried by tests/recipes, under the client that it is for.
const SAMPLE = /^```ts(?: run=([\w-]+))?\n(.*?)^```$/gms;

/**
 * Writes each sample of a document into a module of its own. One that says `run=name` has that name, so that others of
 * its document can import it.
 */
export function writeSamples(path, folder) {
  const into = basename(path, '.md').toLowerCase();
  mkdirSync(join(folder, into), { recursive: true });
  const samples = [...readFileSync(join(root, path), 'utf8').matchAll(SAMPLE)];
  return samples.map(([, name, code], index) => {
    const file = join(into, `${name ?? `sample-${index + 1}`}.ts`);
    writeFileSync(join(folder, file), `${code}export {};\n`);
    return { name, file };
  });
}
