// Chromium's tabs: real pages of one profile, which the DevTools protocol crashes, freezes and takes off the network.

import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

import { ENGINES } from '../../../scripts/setup/engines.mjs';
import { atMost } from '../driver/at-most.mjs';

const STEP = 20_000;
const OFFLINE = { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
const FLAGS = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic', '--disable-sync',
  '--no-first-run', '--disable-dev-shm-usage',
];

export async function startChromium() {
  const browser = await chromium.launch({
    executablePath: ENGINES.chromium.find().browser, args: FLAGS, chromiumSandbox: process.getuid?.() !== 0,
  });
  const context = await browser.newContext();
  return {
    title: 'Chromium',
    version: browser.version(),
    kinds: ['kill', 'freeze', 'offline', 'clock', 'delete', 'outage', 'slow'],
    canCrash: true,
    /** `onCrash`: the page has gone without being told to. */
    async open(url, onCrash) {
      const page = await atMost(STEP, context.newPage(), 'opening a page');
      const devtools = await context.newCDPSession(page);
      page.on('crash', onCrash);
      await atMost(STEP, page.goto(url, { waitUntil: 'commit' }), 'loading a page');
      return { page, devtools };
    },
    async close({ page, devtools }, isCrash) {
      if (isCrash) {
        const crashed = new Promise((resolve) => { page.once('crash', resolve); });
        devtools.send('Page.crash').catch(() => {}); // no answer comes from a page that has crashed
        await Promise.race([crashed, sleep(5000)]);
      }
      await atMost(STEP, page.close(), 'closing a page');
    },
    freeze: ({ devtools }, isFrozen) => (
      atMost(STEP, devtools.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' }), 'freezing')
    ),
    offline: ({ devtools }, isOffline) => (
      atMost(STEP, devtools.send('Network.emulateNetworkConditions', { ...OFFLINE, offline: isOffline }), 'going offline')
    ),
    async stop() {
      await atMost(STEP, browser.close(), 'closing the browser').catch((error) => console.error(error.message));
    },
  };
}
