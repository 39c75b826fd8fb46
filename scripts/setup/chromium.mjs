// Chrome or Chromium, and the chromedriver of the same version: wasm-pack steers the browser through it.

import { ask, Explained } from '../children.mjs';
import { onPath } from '../places.mjs';
import { aptInstall, mayUseApt } from './apt.mjs';
import { findBrowser, named } from './named.mjs';
import { versionIn } from './versions.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

export const chromium = {
  name: 'Chrome, chromedriver',
  found() {
    const { browser: chrome, driver: chromedriver } = findChromium();
    if (!chrome || !chromedriver) return null;
    const [ours, its] = [major(chrome), major(chromedriver)];
    if (ours !== its) throw new Explained(`${chromedriver} is of version ${its}.\n${instructions(chrome)}`);
    return `${chrome} ${ours}, ${chromedriver}`;
  },
  async install() {
    const { browser: chrome } = findChromium();
    // Debian's driver fits Debian's browser, and no other.
    const debians = !chrome || chrome === '/usr/bin/chromium';
    if (!debians || !mayUseApt()) throw new Explained(instructions(chrome));
    await aptInstall(['chromium', 'chromium-driver'], '1 min').catch((error) => {
      throw new Explained(`${error.message}\n\n${instructions(chrome)}`);
    });
  },
};

/** The paths of both; null for what is missing. */
export function findChromium() {
  return {
    browser: findBrowser('CHROME', NAMES, ON_MACOS),
    driver: named('CHROMEDRIVER') ?? onPath('chromedriver'),
  };
}

function major(command) {
  return versionIn(ask(command, ['--version']))?.split('.')[0] ?? 'stable';
}

function instructions(chrome) {
  const fetched = 'npx @puppeteer/browsers install';
  if (chrome) {
    return `The browser tests need the chromedriver that belongs to ${chrome}.
    ${fetched} chromedriver@${major(chrome)}
and set CHROMEDRIVER to the path that it prints.`;
  }
  return `The browser tests need Chrome or Chromium, and a chromedriver of the same version.
  Debian:  apt-get install chromium chromium-driver
  macOS:   brew install --cask google-chrome
           ${fetched} chromedriver@stable
  others:  ${fetched} chrome@stable
           ${fetched} chromedriver@stable
Set CHROMEDRIVER, and where Chrome is not on PATH also CHROME, to the paths that are printed.`;
}
