// The source of Rust's standard library. The published package compiles the library anew, for size and with panics
// that only trap, which saves about 4 kB after gzip. If the source cannot be had, the build uses the ordinary library.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, Explained, runQuietly } from '../children.mjs';
import { onPath } from '../places.mjs';
import { linkSource } from './sysroot.mjs';
import { versionIn } from './versions.mjs';
import { WASM, wasmTarget } from './wasm-target.mjs';

export const stdSource = {
  name: "source of Rust's std",
  found: () => (knowsImmediateAbort() && isThere() ? versionIn(ask(rustc(), ['--version'])) : null),
  async install() {
    if (!knowsImmediateAbort()) return;
    // Debian's compiler came with it.
    if (wasmTarget.bin()) linkSource();
    else if (onPath('rustup')) await rustupAdds();
  },
  /** Printed if there is none. The build works without it. */
  without: 'none: the npm package is built with the ordinary std, and is about 4 kB larger after gzip. '
    + 'For the small one: rustup component add rust-src, with Rust 1.92 or later',
};

const rustc = () => join(wasmTarget.bin() ?? '', 'rustc');

/** Panics that trap at once became an option of the compiler in Rust 1.92. */
function knowsImmediateAbort() {
  const args = ['--print', 'cfg', '--target', WASM, '-Zunstable-options', '-Cpanic=immediate-abort'];
  return ask(rustc(), args, { env: { ...process.env, RUSTC_BOOTSTRAP: '1' } }) !== null;
}

function isThere() {
  const sysroot = ask(rustc(), ['--print', 'sysroot']);
  return sysroot !== null && existsSync(join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library', 'Cargo.toml'));
}

async function rustupAdds() {
  try {
    await runQuietly('rustup component add rust-src', '5 s', 'rustup', ['component', 'add', 'rust-src']);
  } catch (error) {
    if (!(error instanceof Explained)) throw error;
  }
}
