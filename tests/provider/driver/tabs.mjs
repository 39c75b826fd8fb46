// The tabs of one browser profile. They share one session, and each lives several lives.

import { setTimeout as sleep } from 'node:timers/promises';

import { pagePath } from '../server/life.mjs';
import { atMost } from './at-most.mjs';

const LOADING = 10000;
const SOON = 15000;

export class Tabs {
  #queue = Promise.resolve();

  constructor({ context, client, shop, calls, count }) {
    Object.assign(this, { context, client, shop, calls });
    this.slots = Array.from({ length: count }, (_, index) => ({
      slot: index + 1, lives: 0, life: null, page: null, isAtLogin: false, reopenAt: 0,
    }));
    this.thrown = 0;
    this.problems = [];
  }

  /** One after the other: nothing is done to a tab while something else is being done to tabs. */
  alone(work) {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** The tabs that have a document of the shop. */
  get alive() {
    return this.slots.filter(({ life }) => life !== null);
  }

  ofLife(life) {
    return this.slots.find((tab) => tab.life === life);
  }

  /** A new document, in a new page or in the one that is there. */
  async open(tab) {
    if (!tab.page) {
      const page = await insist(() => this.context.newPage());
      page.on('framenavigated', (frame) => this.#navigated(tab, page, frame));
      page.on('crash', () => this.#crashed(tab, page));
      tab.page = page;
    }
    tab.lives += 1;
    tab.isAtLogin = false;
    tab.life = `${tab.slot}.${tab.lives}`;
    const isReady = new Promise((resolve) => { tab.ready = resolve; });
    await this.#go(tab.page, `${this.shop.origin}${pagePath(this.client, tab.life)}`);
    await Promise.race([isReady, sleep(LOADING, null, { ref: false })]);
  }

  /** The page of this life has loaded, scripts included. */
  ready(life) {
    this.ofLife(life)?.ready();
  }

  async close(tab) {
    const { page } = tab;
    tab.page = null;
    this.#end(tab, true);
    // A page that does not go is left to the browser's end.
    await atMost(SOON, page.close(), 'closing a page').catch((error) => this.problems.push(error.message));
  }

  /** The first half of a reload: the document is gone, and the network has not been asked for the next one. */
  async leave(tab) {
    this.#end(tab, true);
    await this.#go(tab.page, 'about:blank');
  }

  /** For every tab. A page that is just changing its process cannot be told, and is told again. */
  setOffline(isOffline) {
    return insist(() => this.context.setOffline(isOffline));
  }

  #end(tab, isDriver) {
    const { life } = tab;
    tab.life = null;
    this.calls.lifeEnded(life, isDriver);
    this.shop.refreshes.lifeEnded(life, isDriver);
    tab.ready();
  }

  #go(page, url) {
    return insist(() => page.goto(url, { waitUntil: 'commit' }));
  }

  /** The browser's doing: as if the tab had been closed, and told of. */
  #crashed(tab, page) {
    if (tab.page !== page) return;
    this.problems.push(`the page of tab ${tab.slot} crashed`);
    Object.assign(tab, { page: null, isAtLogin: false });
    if (tab.life) this.#end(tab, true);
    page.close().catch(() => {});
  }

  #navigated(tab, page, frame) {
    // Offline, the way to the login page ends at the browser's own page of errors.
    const isLogin = /\/login|^chrome-error:/.test(frame.url());
    if (!isLogin || tab.page !== page || frame !== page.mainFrame() || tab.isAtLogin) return;
    this.thrown += 1;
    tab.isAtLogin = true;
    if (tab.life) this.#end(tab, false);
  }
}

/** Tries again what fails, or never ends, because a page is on its way to somewhere else. */
async function insist(work, left = 3) {
  try {
    return await atMost(SOON, work(), 'the browser');
  } catch (error) {
    if (left === 0) throw error;
    await sleep(100);
    return insist(work, left - 1);
  }
}
