// The files that a bundler made, and its messages.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';
import { asText, MAGIC, STAND_INS } from '../../scripts/wasm-text.mjs';

// The first bytes of a module, as the files of dist/ have them.
const DIST = ['index.js', 'index.global.js'].map((name) => readFileSync(join(root, 'dist', name), 'utf8'));
const INLINED = Array.from(STAND_INS, (standIn) => asText(MAGIC, standIn)).filter((text) => DIST.some((script) => script.includes(text)));
assert.ok(INLINED.length > 0, 'dist/ does not hold the module as text');

/** How often the module is in a folder: as a string in a script, and as a file of its own. */
export function modulesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const named = (...endings) => files.filter(({ name }) => endings.some((ending) => name.endsWith(ending)));
  const scripts = named('.js', '.mjs', '.cjs', '.html').map(read);
  return {
    inlined: INLINED.flatMap((header) => scripts.flatMap((script) => script.split(header).slice(1))).length,
    files: named('.wasm').length,
  };
}

/** Asserts that nothing of the package is left in a folder. */
export function assertEmptyOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files) {
    // A source map names what was left out.
    if (file.name.endsWith('.map')) continue;
    assert.ok(!read(file).includes('SIGN_IN_REQUIRED'), `${file.name} holds what nobody uses`);
  }
  assert.deepEqual(modulesIn(folder), { inlined: 0, files: 0 });
}

// Frameworks list files that are named after the errors they show. And Vite's bundler warns of plugins that take long,
// which they do on a busy machine.
const HARMLESS = /\S+\.(?:[mc]?js|css)\b|^.*\[PLUGIN_TIMINGS\].*$/gm;

/** Asserts that a tool had nothing to complain of. */
export function assertQuiet(log) {
  assert.doesNotMatch(log.replace(HARMLESS, ''), /warn|deprecat|error/i, `the tool complains:\n${log}`);
}

function read({ parentPath, path, name }) {
  return readFileSync(join(parentPath ?? path, name), 'utf8');
}
