// A sysroot around Debian's Rust that holds the standard library for one more target.
//
//   bin/rustc                      runs Debian's, with this sysroot
//   bin/cargo                      Debian's
//   lib/rustlib/<host>/lib         Debian's
//   lib/rustlib/<host>/bin         the linker of the rustup toolchain: Debian's Rust has none for wasm
//   lib/rustlib/<target>/lib       built here
//   lib/rustlib/src                Debian's source of the standard library, which the npm package is built from

import {
  cpSync, existsSync, mkdirSync, readdirSync, copyFileSync, renameSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, Explained, runQuietly } from '../children.mjs';
import { cache, onPath, temporaryFolder } from '../places.mjs';

const RUSTC = '/usr/bin/rustc';
const CARGO = '/usr/bin/cargo';
const RUSTLIB = '/usr/lib/rustlib';

/** Where the sysroot for the installed Debian Rust is, or would be; null without one. */
export function sysroot() {
  const facts = existsSync(RUSTC) ? ask(RUSTC, ['-vV']) : null;
  if (facts === null) return null;
  const fact = (name) => new RegExp(`^${name}: (.+)$`, 'm').exec(facts)[1];
  // A library belongs to one compiler: after an upgrade the name changes and a new one is built.
  const folder = join(cache, `sysroot-${fact('release')}`);
  return { folder, bin: join(folder, 'bin'), version: fact('release'), host: fact('host') };
}

/** Builds the sysroot aside and moves it into place when it is whole. */
export async function buildSysroot(target) {
  const { folder, host } = sysroot();
  const linker = findLinker(host);
  const unfinished = temporaryFolder(`${folder}.unfinished-`);
  const library = join(unfinished, 'lib', 'rustlib', target, 'lib');
  const hostTools = join(unfinished, 'lib', 'rustlib', host, 'bin');
  for (const each of [library, hostTools, join(unfinished, 'bin')]) mkdirSync(each, { recursive: true });

  await buildLibrary(target, library);
  symlinkSync(join(RUSTLIB, host, 'lib'), join(unfinished, 'lib', 'rustlib', host, 'lib'));
  symlinkSync(linker, join(hostTools, 'rust-lld'));
  for (const tool of ['rustc', 'rustdoc']) {
    writeFileSync(join(unfinished, 'bin', tool),
      `#!/bin/sh\nexec /usr/bin/${tool} --sysroot '${folder}' "$@"\n`, { mode: 0o755 });
  }
  symlinkSync(CARGO, join(unfinished, 'bin', 'cargo'));
  renameSync(unfinished, folder);
}

/** Shows cargo the source of Debian's standard library, if that is installed. */
export function linkSource() {
  const link = join(sysroot().folder, 'lib', 'rustlib', 'src');
  rmSync(link, { force: true });
  symlinkSync(join(RUSTLIB, 'src'), link);
}

async function buildLibrary(target, into) {
  // A copy, since cargo wants to write beside what it builds.
  const source = join(temporaryFolder(join(tmpdir(), 'rust-library-')), 'library');
  cpSync(join(RUSTLIB, 'src', 'rust', 'library'), source, { recursive: true, dereference: true });
  const args = ['build', '-p', 'sysroot', '--release', '--target', target, '--features', 'compiler-builtins-mem'];
  await runQuietly(`Rust's standard library for ${target}`, '1 min', CARGO, args, {
    cwd: source,
    env: {
      ...process.env,
      CARGO_TARGET_DIR: join(source, 'target'),
      RUSTC,
      // As Rust's own build does: unstable features are allowed, and the crates are marked as the standard ones.
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: '-Cembed-bitcode=yes -Zforce-unstable-if-unmarked',
      __CARGO_DEFAULT_LIB_METADATA: 'stablestd',
    },
  });
  const built = join(source, 'target', target, 'release', 'deps');
  for (const file of readdirSync(built).filter((name) => name.endsWith('.rlib'))) {
    copyFileSync(join(built, file), join(into, file));
  }
}

function findLinker(host) {
  const toolchain = ask('rustc', ['--print', 'sysroot']) ?? '';
  const linker = [join(toolchain, 'lib', 'rustlib', host, 'bin', 'rust-lld'), onPath('rust-lld')];
  const found = linker.find((path) => path && existsSync(path));
  if (!found) {
    throw new Explained("No linker for wasm was found: Debian's Rust has none, and neither has the `rustc` on PATH.\n"
      + 'Install Rust with rustup, from rustup.rs; then: rustup target add wasm32-unknown-unknown');
  }
  return found;
}
