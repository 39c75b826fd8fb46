// The browser engines that the tests run in: what each needs on the machine, and how its driver starts it.

import { chromium, findChromium } from './chromium.mjs';
import { findFirefox, firefox, geckodriver } from './firefox.mjs';
import { findWebkit, webkit } from './webkit.mjs';

/**
 * - `steps`: what the set-up finds or fetches
 * - `find()`: the paths of the `browser` (null where its driver knows it) and of the `driver`
 * - `flags`: for wasm-pack
 * - `capabilities`: for the driver
 * - `display`: a command that gives a screen to those who cannot do without
 */
export const ENGINES = {
  chromium: {
    title: 'Chromium',
    steps: [chromium],
    find: findChromium,
    flags: (driver) => ['--chrome', '--chromedriver', driver],
    capabilities: (binary) => ({
      'goog:chromeOptions': {
        binary,
        args: [
          '--headless', '--disable-dev-shm-usage',
          // It refuses its sandbox to root.
          ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
          // Nothing is started that tests do not need, and nothing is asked of the network.
          '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic',
          '--disable-sync', '--no-first-run',
        ],
      },
    }),
    display: [],
    env: {},
  },
  firefox: {
    title: 'Firefox',
    steps: [firefox, geckodriver],
    find: findFirefox,
    flags: (driver) => ['--firefox', '--geckodriver', driver],
    capabilities: (binary) => ({ 'moz:firefoxOptions': { binary, args: ['-headless'] } }),
    display: [],
    env: {},
  },
  webkit: {
    title: 'WebKit',
    steps: [webkit],
    find: findWebkit,
    // WebKitWebDriver speaks as safaridriver does, down to its arguments.
    flags: (driver) => ['--safari', '--safaridriver', driver],
    capabilities: () => ({}),
    display: process.platform === 'linux' ? ['xvfb-run', '--auto-servernum'] : [],
    // Its sandbox needs user namespaces, which containers and root often lack; the pages are our own.
    env: { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  },
};
