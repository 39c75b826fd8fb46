// The package as npm would publish it, and folders into which it is installed.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

// Inside this folder: from there, Node and the bundlers find the packages that are installed here.
const SCRATCH = join(import.meta.dirname, 'scratch');

let packed;

/** Packs the project, once: the tarball's path, and the files in it. */
export function pack() {
  if (!packed) {
    const folder = newFolder(`tarball-${process.pid}`);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    packed = packInto(folder);
  }
  return packed;
}

/** Packs the project into `folder`: the tarball's path, and the files in it. */
export function packInto(folder) {
  const [{ filename, files }] = JSON.parse(execFileSync('npm', [
    'pack', '--json', '--ignore-scripts', '--pack-destination', folder,
  ], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { file: join(folder, filename), files: files.map(({ path }) => path).sort() };
}

/** A new folder in which the package is installed. */
export function install(name) {
  const folder = newFolder(name);
  unpackInto(folder, pack().file);
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  return folder;
}

/** Unpacks a tarball to where the modules of `folder` find the package. */
export function unpackInto(folder, file) {
  const target = join(folder, 'node_modules', 'tokenflight');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', file, '-C', target, '--strip-components=1']);
}

function newFolder(name) {
  const folder = join(SCRATCH, name.toLowerCase().replace(/[^a-z0-9]+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
