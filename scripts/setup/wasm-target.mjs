// Rust's standard library for wasm32.
//
// rustup has it, as a rule. Where rustup is absent or cannot reach its server, Debian's current Rust comes
// with the library's source: it is built once, into a sysroot in the project's tool folder. Nothing is
// written to /usr, and no toolchain is added to rustup.

import { existsSync } from 'node:fs';
import { ask, Explained, runQuietly } from '../children.mjs';
import { onPath } from '../places.mjs';
import { aptInstall, areInstalled, mayUseApt } from './apt.mjs';
import { buildSysroot, sysroot } from './sysroot.mjs';
import { versionIn } from './versions.mjs';

export const WASM = 'wasm32-unknown-unknown';
const DEBIAN = ['rustc-web', 'cargo-web', 'rust-web-src'];

export const wasmTarget = {
  name: `Rust for ${WASM.split('-')[0]}`,
  found() {
    if (isInToolchain()) return versionIn(ask('rustc', ['--version']));
    const own = sysroot();
    return own && existsSync(own.folder) ? `${own.version}, Debian's` : null;
  },
  async install() {
    if (await rustupAdds()) return;
    if (!areInstalled(DEBIAN)) {
      if (!mayUseApt()) throw new Explained(instructions);
      await aptInstall(DEBIAN, '20 s').catch((error) => {
        throw new Explained(`${error.message}\n\n${instructions}`);
      });
    }
    await buildSysroot(WASM);
  },
  /** The folder that PATH needs first, if any: its `rustc` and `cargo` know the target. */
  bin: () => (isInToolchain() ? null : sysroot().bin),
};

const instructions = `Rust's standard library for ${WASM} is missing. Install it with rustup:
    rustup target add ${WASM}
or, without rustup, with the package of your distribution (Fedora: rust-std-static-${WASM};
Debian, as root: apt-get install ${DEBIAN.join(' ')}, and this script does the rest).`;

function isInToolchain() {
  const folder = ask('rustc', ['--print', 'target-libdir', '--target', WASM]);
  return folder !== null && existsSync(folder);
}

async function rustupAdds() {
  if (!onPath('rustup')) return false;
  try {
    await runQuietly(`rustup target add ${WASM}`, '5 s', 'rustup', ['target', 'add', WASM]);
  } catch (error) {
    if (!(error instanceof Explained)) throw error;
    console.log("    rustup could not: trying Debian's packages");
  }
  return isInToolchain();
}
