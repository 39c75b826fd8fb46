// The npm packages that a package-lock.json names: the project's, and those that only some tests need.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../children.mjs';
import { root } from '../places.mjs';

export const npmPackages = packagesOf('.', 'npm packages', '10 s');
export const clientPackages = packagesOf('tests/recipes', 'clients', '15 s');
export const benchPackages = packagesOf('tests/bench', 'clients to compare', '10 s');
export const docsPackages = packagesOf('docs', 'documentation', '30 s');
export const placePackages = packagesOf('tests/package', 'bundlers and so on', '1 min');

/** `usually`: how long an installation in `folder` takes. */
function packagesOf(folder, name, usually) {
  return {
    name,
    found() {
      const wanted = packagesIn(folder, 'package-lock.json');
      const installed = packagesIn(folder, 'node_modules/.package-lock.json');
      // Compared by content: file times say nothing after a checkout, and a needless `npm ci` takes
      // node_modules away from whoever is using it. Optional packages are for other platforms.
      const present = wanted && installed && Object.entries(wanted).every(([path, { version, optional }]) =>
        path === '' || optional || installed[path]?.version === version);
      return present ? `${Object.keys(installed).length} installed` : null;
    },
    install: () => runQuietly(`npm ci, ${name}`, usually, 'npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: join(root, folder),
    }),
  };
}

function packagesIn(folder, path) {
  try {
    return JSON.parse(readFileSync(join(root, folder, path), 'utf8')).packages;
  } catch {
    return null;
  }
}
