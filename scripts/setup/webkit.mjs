// WebKit: on Linux WebKitGTK's own small browser with its driver, and a screen in memory, since it has no headless
// mode; on macOS Safari, which brings its driver.

import { ask, Explained } from '../children.mjs';
import { onPath } from '../places.mjs';
import { aptInstall, mayUseApt } from './apt.mjs';
import { versionIn } from './versions.mjs';

const ON_MACOS = process.platform === 'darwin';
const DRIVER = ON_MACOS ? 'safaridriver' : 'WebKitWebDriver';
const COMMANDS = ON_MACOS ? [DRIVER] : [DRIVER, 'xvfb-run', 'xauth'];

export const webkit = {
  name: 'WebKit and its driver',
  found() {
    if (!COMMANDS.every(onPath)) return null;
    return `${onPath(DRIVER)} ${versionIn(ask(DRIVER, ['--version'])) ?? ''}`.trim();
  },
  async install() {
    if (ON_MACOS || !mayUseApt()) throw new Explained(instructions);
    await aptInstall(['webkit2gtk-driver', 'xvfb', 'xauth'], '40 s').catch((error) => {
      throw new Explained(`${error.message}\n\n${instructions}`);
    });
  },
};

/** The driver knows its browser. */
export function findWebkit() {
  return { browser: null, driver: onPath(DRIVER) };
}

const instructions = `The tests in WebKit need ${COMMANDS.join(', ')} on PATH.
  Debian:  apt-get install webkit2gtk-driver xvfb xauth
  others:  WebKitGTK with its WebKitWebDriver and MiniBrowser, Xvfb and xauth, as your distribution names them
  macOS:   safaridriver comes with Safari; let it work once and for all: safaridriver --enable`;
