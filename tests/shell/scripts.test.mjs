// On a new machine the scripts run before anything is installed: until the set-up is done, they need nothing but Node.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts');
const IMPORTS = /^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'/gm;

/** The packages that a module imports as it is loaded, with the way that leads there. */
function packagesOf(file, way = [], seen = new Set()) {
  if (seen.has(file)) return [];
  seen.add(file);
  return Array.from(readFileSync(file, 'utf8').matchAll(IMPORTS), ([, from, bare]) => from ?? bare).flatMap((name) => {
    if (name.startsWith('node:')) return [];
    if (name.startsWith('.')) return packagesOf(join(dirname(file), name), [...way, file], seen);
    return [`${name}, by ${[...way, file].map((each) => each.slice(SCRIPTS.length + 1)).join(' → ')}`];
  });
}

for (const { name } of readdirSync(SCRIPTS, { withFileTypes: true }).filter((entry) => entry.name.endsWith('.mjs'))) {
  // It draws a picture for the README, after a build.
  if (name === 'picture.mjs') continue;
  test(`scripts/${name} is loaded without any package`, () => {
    assert.deepEqual(packagesOf(join(SCRIPTS, name)), []);
  });
}
