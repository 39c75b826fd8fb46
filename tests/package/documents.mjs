// The files that documents show: each code block whose first line names it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';

const BLOCK = /^```tsx?\n\/\/ ([\w.-]+)\n(.*?)^```$/gms;

/** The files in these pages of docs/, by name. */
export function filesIn(...pages) {
  return Object.fromEntries(pages.flatMap((page) => (
    [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(BLOCK)].map(([, name, code]) => [name, code])
  )));
}
