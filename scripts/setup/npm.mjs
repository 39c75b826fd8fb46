// The npm packages that package-lock.json names.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../children.mjs';
import { root } from '../places.mjs';

export const npmPackages = {
  name: 'npm packages',
  found() {
    const wanted = packagesIn('package-lock.json');
    const installed = packagesIn('node_modules/.package-lock.json');
    // Compared by content: file times say nothing after a checkout, and a needless `npm ci` takes
    // node_modules away from whoever is using it. Optional packages are for other platforms.
    const present = wanted && installed && Object.entries(wanted).every(([path, { version, optional }]) =>
      path === '' || optional || installed[path]?.version === version);
    return present ? `${Object.keys(installed).length} installed` : null;
  },
  install: () => runQuietly('npm ci', '10 s', 'npm', ['ci', '--no-audit', '--no-fund']),
};

function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return null;
  }
}
