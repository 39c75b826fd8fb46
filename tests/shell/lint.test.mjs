// The house rules that a tool can check.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/places.mjs';

// Most scripts and tests have no types: a name that nothing declares would show only on the path that uses it.
test('JavaScript names only what is declared or imported, and imports only what is exported', async () => {
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const told = await new Promise((resolve) => {
    execFile(process.execPath, [oxlint], { cwd: root }, (error, stdout, stderr) => resolve(error ? stdout + stderr : ''));
  });
  assert.equal(told, '');
});

test('each development dependency has its reason in CONTRIBUTING.md', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const reasons = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  assert.deepEqual(Object.keys(devDependencies).filter((name) => !reasons.includes(`\`${name}\``)), []);
});
