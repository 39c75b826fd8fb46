// Firefox, and geckodriver, which steers every Firefox of the last years.

import { ask, Explained } from '../children.mjs';
import { aptInstall, mayUseApt } from './apt.mjs';
import { cargoTool } from './cargo-tools.mjs';
import { findBrowser } from './named.mjs';
import { isAtLeast } from './versions.mjs';

const NAMES = ['firefox', 'firefox-esr'];
const ON_MACOS = '/Applications/Firefox.app/Contents/MacOS/firefox';

export const firefox = {
  name: 'Firefox',
  found() {
    const path = findBrowser('FIREFOX', NAMES, ON_MACOS);
    return path && `${path} ${/\d+(\.\d+)+/.exec(ask(path, ['--version']))?.[0] ?? ''}`.trim();
  },
  async install() {
    if (!mayUseApt()) throw new Explained(instructions);
    await aptInstall(['firefox-esr'], '30 s').catch((error) => {
      throw new Explained(`${error.message}\n\n${instructions}`);
    });
  },
};

export const geckodriver = cargoTool({
  crate: 'geckodriver',
  version: () => '0.37.1',
  suits: (version) => isAtLeast(version, '0.36'),
  commands: ['geckodriver'],
  flags: ['--locked'],
  usually: '2 min',
});

/** The paths of both. Call it after the set-up. */
export function findFirefox() {
  return { browser: findBrowser('FIREFOX', NAMES, ON_MACOS), driver: geckodriver.path('geckodriver') };
}

const instructions = `The tests in Firefox need Firefox.
  Debian:  apt-get install firefox-esr
  macOS:   brew install --cask firefox
  others:  from firefox.com, or npx @puppeteer/browsers install firefox@stable
Where it is not on PATH, set FIREFOX to its path.`;
