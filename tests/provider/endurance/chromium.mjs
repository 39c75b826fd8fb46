// Chromium's tabs: real pages of one profile, which the DevTools protocol crashes, freezes and takes off the network.
//
// Playwright starts the browser, but does not know the tabs: it makes each page that it knows believe that it has the
// focus, and such a page does not freeze.

import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

import { ENGINES } from '../../../scripts/setup/engines.mjs';
import { openTargets } from './targets.mjs';

const OFFLINE = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
const FLAGS = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic', '--disable-sync',
  '--no-first-run', '--disable-dev-shm-usage',
];
// What Playwright adds, and what makes hidden tabs faster than they are for users.
const UNWANTED = [
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
];

export async function startChromium() {
  const browser = await chromium.launch({
    executablePath: ENGINES.chromium.find().browser, args: FLAGS, ignoreDefaultArgs: UNWANTED,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const targets = await openTargets(await browser.newBrowserCDPSession());
  return {
    title: 'Chromium',
    version: browser.version(),
    kinds: ['kill', 'freeze', 'offline', 'clock', 'delete', 'outage', 'slow'],
    canCrash: true,
    /** `onCrash`: the page has gone without being told to. `isHidden`: its timers are slow. */
    async open(url, { onCrash, isHidden }) {
      const target = await targets.create(url);
      target.on('Inspector.targetCrashed', onCrash);
      await target.send('Inspector.enable');
      await target.send('Network.enable');
      if (isHidden) await hide(target);
      return target;
    },
    async close(target, isCrash) {
      if (isCrash) {
        const crashed = new Promise((resolve) => { target.on('Inspector.targetCrashed', resolve); });
        target.send('Page.crash').catch(() => {}); // no answer comes from a page that has crashed
        await Promise.race([crashed, sleep(5000, null, { ref: false })]);
      }
      await target.close();
    },
    freeze: (target, isFrozen) => (
      target.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' })
    ),
    offline: (target, isOffline) => (
      target.send('Network.emulateNetworkConditions', { ...OFFLINE, offline: isOffline })
    ),
    stop: () => browser.close().catch((error) => console.error(error.message)),
  };
}

/** A page is hidden when it freezes, and remains so when it thaws. */
async function hide(target) {
  for (const state of ['frozen', 'active']) await target.send('Page.setWebLifecycleState', { state });
}
