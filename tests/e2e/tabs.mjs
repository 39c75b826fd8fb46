// Tabs of one browser profile, on the built package: what `tabs/` holds, and the server's records.

import assert from 'node:assert/strict';
import { cpSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { collectErrors, countNavigations, scratchFolder, startShop } from './shop.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', '..', 'dist');

/**
 * A profile of its own in which `user` is signed in, with a server of its own.
 *
 * @param {{ style?: string, ttl?: number, stored?: boolean }} [how] `stored`: the tokens are in `localStorage`
 */
export async function openProfile(t, browser, { style = 'body', ttl = 600, stored = style === 'body' } = {}) {
  const folder = scratchFolder(t);
  cpSync(join(here, 'tabs'), folder, { recursive: true });
  symlinkSync(dist, join(folder, 'tokenflight'));
  // The page's policy asks for trusted types, which workers would have to be made with.
  const shop = await startShop({ page: folder, policy: false });
  t.after(() => shop.close());
  const profile = await browser.newContext();
  t.after(() => profile.close());

  const ask = async (path, data) => {
    const response = await profile.request.post(`${shop.url}/api${path}`, { data });
    assert.ok(response.ok(), `${path} answered ${response.status()}`);
    return response.status() === 204 ? undefined : response.json();
  };
  const signIn = (user) => ask('/sign-in', { user, password: user, style, ttl });
  const tokens = await signIn('ada');
  const { sid } = tokens;
  const first = await openPage(profile, shop.url);
  if (stored) await write(first, tokens);
  await first.close();

  return {
    shop,
    profile,
    sid,
    tokens,
    /** Tokens of another session. */
    signIn,
    /**
     * Opens a tab in which an api is created; with `standAt`, its next refresh stands still at that step, with
     * `hasten`, it does not wait until what should be forgotten is forgotten.
     */
    async open({ standAt, hasten = false, ...options } = {}) {
      const page = await openPage(profile, shop.url);
      const navigations = countNavigations(page);
      const errors = collectErrors(page);
      const { stands } = standAt ? await holdAt(page, standAt) : {};
      if (hasten) await page.evaluate(() => hasten());
      await page.evaluate((given) => begin(given), options);
      return { page, navigations, errors, stands, ...of(page) };
    },
    expire: () => ask('/test/expire', { sid }),
    faults: (...faults) => ask('/test/faults', { sid, faults }),
    record: (of = sid) => shop.record(of),
  };
}

/** Puts tokens into `localStorage` as app code does. */
export function write(page, { accessToken, refreshToken }) {
  return page.evaluate(([access, refresh]) => {
    localStorage.setItem('refreshToken', refresh);
    localStorage.setItem('accessToken', access);
  }, [accessToken, refreshToken]);
}

async function openPage(profile, url) {
  const page = await profile.newPage();
  await page.goto(url);
  await page.waitForFunction(() => typeof begin === 'function');
  return page;
}

/** Returns functions that make a tab send requests, or ask it what it has heard and stored. */
function of(page) {
  return {
    send: (count = 1) => page.evaluate((n) => send(n), count),
    heard: () => page.evaluate(() => heard),
    stored: () => page.evaluate(() => [localStorage.accessToken ?? null, localStorage.refreshToken ?? null]),
  };
}

/** `stands` resolves, when the page stands still at `step`, with what lets it go on. */
async function holdAt(page, step) {
  let arrive;
  const stands = new Promise((resolve) => { arrive = resolve; });
  await page.route('**/stand', (route) => arrive({ goOn: () => route.fulfill({ status: 204 }) }));
  await page.evaluate((where) => standAt(where), step);
  return { stands };
}

/** Waits until `condition` holds. */
export async function until(condition, what, patience = 10_000) {
  const end = Date.now() + patience;
  while (!await condition()) {
    if (Date.now() > end) assert.fail(`waited in vain until ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

export const times = (count, act) => Array.from({ length: count }, (_, n) => act(n));
