// Node and Rust, which the developer has to bring. The project installs neither.

import { ask, Explained } from '../children.mjs';
import { isAtLeast, versionIn } from './versions.mjs';

const NODE = '20.19';

export const node = {
  name: 'Node.js',
  found: () => isAtLeast(process.versions.node, NODE) && process.versions.node,
  install() {
    throw new Explained(`Node.js ${NODE} or later is needed; this is ${process.versions.node}.
Install the current LTS release, from nodejs.org or with a version manager: nvm install --lts`);
  },
};

export const rust = {
  name: 'Rust',
  found: () => versionIn(ask('cargo', ['--version'])),
  install() {
    throw new Explained(`Rust is needed: no \`cargo\` was found on PATH.
Install it with rustup, from rustup.rs. Then open a new terminal, so that PATH holds ~/.cargo/bin.`);
  },
};
