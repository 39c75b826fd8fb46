// Tools built by cargo into the project's tool folder, so that the versions a developer has installed stay as
// they are: wasm-pack, wasm-bindgen's command line, and a driver of browsers.

import { existsSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ask, Explained, runQuietly } from '../children.mjs';
import { cache, onPath, root, temporaryFolder } from '../places.mjs';
import { isAtLeast, versionIn } from './versions.mjs';

export const wasmPack = cargoTool({
  crate: 'wasm-pack',
  version: () => '0.15.0',
  suits: (version) => isAtLeast(version, '0.15'),
  commands: ['wasm-pack'],
  flags: ['--locked'],
  usually: '2 min',
});

// The command line has to be exactly as old as the library: the two share an unstable format. Its own lock
// file is not used, since that names dependencies which registries have withdrawn.
export const wasmBindgen = cargoTool({
  crate: 'wasm-bindgen-cli',
  version: lockedWasmBindgen,
  suits: (version) => version === lockedWasmBindgen(),
  commands: ['wasm-bindgen', 'wasm-bindgen-test-runner'],
  flags: [],
  usually: '3 min',
});

/** `suits` says which versions on PATH will do, `version` which one is built where none does. */
export function cargoTool({ crate, version, suits, commands, flags, usually }) {
  const folder = () => join(cache, `${crate}-${version()}`);
  const ofMachine = () => {
    // Commands are taken only together: wasm-pack expects the runner beside wasm-bindgen.
    const [path, ...others] = commands.map(onPath);
    const together = path && others.every((other) => other && dirname(other) === dirname(path));
    const found = together && versionIn(ask(path, ['--version']));
    return found && suits(found) ? found : null;
  };
  const ofProject = () => commands.every((command) => existsSync(join(folder(), 'bin', command)));
  return {
    name: crate,
    found: () => ofMachine() ?? (ofProject() ? version() : null),
    install: () => cargoInstall(crate, version(), flags, usually, folder()),
    /** The folder that PATH needs besides, if any. */
    bin: () => (ofMachine() ? null : join(folder(), 'bin')),
    /** The path of one of its commands. */
    path: (command) => (ofMachine() ? onPath(command) : join(folder(), 'bin', command)),
  };
}

async function cargoInstall(crate, version, flags, usually, folder) {
  const unfinished = temporaryFolder(`${folder}.unfinished-`);
  const target = temporaryFolder(join(tmpdir(), `${crate}-target-`));
  const args = ['install', crate, '--version', version, ...flags, '--root', unfinished];
  await runQuietly(`cargo install ${crate} ${version}`, usually, 'cargo', args, {
    cwd: target, // not the project: its cargo settings are for its own builds
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  renameSync(unfinished, folder);
}

function lockedWasmBindgen() {
  const lock = join(root, 'Cargo.lock');
  const text = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
  const version = /^name = "wasm-bindgen"\r?\nversion = "(.+)"/m.exec(text)?.[1];
  if (!version) throw new Explained('Cargo.lock names no wasm-bindgen: run `cargo generate-lockfile`.');
  return version;
}
