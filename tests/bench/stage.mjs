// A server, a browser, and the page in which most is measured.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { findChromium } from '../../scripts/setup/chromium.mjs';
import { files } from './bundle.mjs';
import { quietly } from './quiet.mjs';
import { startServer } from './server.mjs';

const FLAGS = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic',
  '--disable-sync', '--no-first-run', '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  // With so many collections on request, V8 would throw away the code of who has not had a turn for long.
  '--js-flags=--expose-gc --no-flush-bytecode',
];

/** Chromium refuses its sandbox to root. */
const options = () => ({
  executablePath: findChromium().browser, args: FLAGS, chromiumSandbox: process.getuid?.() !== 0,
});

/** Sets everything up; `strike` takes it down again, whatever has happened. */
export async function setStage() {
  const server = await startServer(await files());
  let browser;
  const strike = async () => {
    await browser?.close();
    await server.close();
  };
  try {
    browser = await chromium.launch(options());
    const quiet = await quietly(browser);
    const page = await quiet.open(await quiet.newContext(), `${server.url}/bench.html`, 'bench');
    return { server, browser, quiet, page, version: browser.version(), strike };
  } catch (error) {
    await strike();
    throw error;
  }
}

/** Calls `act` with a profile that is kept on disk, where the browser caches compiled code. */
export async function withProfile(act) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight-bench-'));
  const profile = await chromium.launchPersistentContext(folder, options());
  try {
    return await act(profile);
  } finally {
    await profile.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
