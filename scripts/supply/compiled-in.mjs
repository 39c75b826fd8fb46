// The crates that the npm package has compiled into its module, as Cargo.lock pins them.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask, Explained } from '../children.mjs';
import { root } from '../places.mjs';
import { wasmEnv } from '../setup.mjs';
import { WASM } from '../setup/wasm-target.mjs';

/** @typedef {{ name: string, version: string, licence: string, sha256?: string, folder: string, authors: string[], uses: string[] }} Crate */

/**
 * The crates, sorted by name, without those that only run while it is built: macros and build scripts.
 *
 * @returns {Crate[]} the first one is the package's own
 */
export function compiledIn() {
  const { packages, resolve } = metadata();
  const byId = new Map(packages.map((one) => [one.id, one]));
  const isMacro = (id) => byId.get(id).targets.some(({ kind }) => kind.includes('proc-macro'));
  const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps
    .filter(({ dep_kinds: kinds, pkg }) => kinds.some(({ kind }) => kind === null) && !isMacro(pkg))
    .map(({ pkg }) => pkg)]));
  const found = new Set([resolve.root]);
  for (const id of found) for (const other of needs.get(id)) found.add(other);
  const sums = checksums();
  const refOf = (id) => `${byId.get(id).name}@${byId.get(id).version}`;
  const [own, ...others] = [...found].map((id) => {
    const { name, version, license, manifest_path: manifest, authors } = byId.get(id);
    return {
      name, version, licence: license.replace('/', ' OR '), sha256: sums.get(refOf(id)), folder: dirname(manifest), authors,
      uses: needs.get(id).map(refOf).sort(),
    };
  });
  return [own, ...others.sort((a, b) => a.name.localeCompare(b.name))];
}

function metadata() {
  const args = ['metadata', '--format-version', '1', '--locked', '--no-default-features', '--features', 'npm', '--filter-platform', WASM];
  const text = ask('cargo', args, { cwd: root, env: wasmEnv(), maxBuffer: 2 ** 28 });
  if (text === null) throw new Explained('`cargo metadata --locked` failed: is Cargo.lock up to date with Cargo.toml? Run `cargo check`.');
  return JSON.parse(text);
}

/** By name and version, what crates.io has published. */
function checksums() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const entries = lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(\w+)"/g);
  return new Map([...entries].map(([, name, version, sum]) => [`${name}@${version}`, sum]));
}
