// Disruptions of tabs: closing, reloading, cutting off the network.
//
// A provider without grace: a page that ends between the provider's rotation and the storing of its answer takes
// the only valid refresh token with it. No client can save that session, so there refreshes are held up before
// the provider while a page ends, and the page has stored, or never asked, what the provider gave.
//
// A provider with grace: anything at any moment, and the middle of refreshes in particular.

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 3500; // longer than an access token lives
const TO_ABORT = 300; // for the browser to close the connections of a page that has ended, if it does
const AFTER_STORING = 30; // the storage hands a page's writing to the browser a moment later

export class Disruptions {
  counts = { close: 0, reload: 0, starter: 0, waiter: 0, offline: 0, midOffline: 0 };
  cutBefore = { all: 0, outlived: 0 }; // refreshes whose page ended before the provider saw them
  problems = [];

  constructor({ tabs, shop, calls, random, isStrict, weights }) {
    Object.assign(this, { tabs, shop, calls, random, isStrict, weights });
  }

  /** One disruption. Nothing else is done to tabs meanwhile: held-up refreshes occupy the browser's connections. */
  one() {
    return this.tabs.alone(async () => {
      try {
        await this.#happen(this.random.weighted(this.weights));
      } finally {
        this.shop.gate.release();
      }
      await this.#reopen();
    });
  }

  async #happen(kind) {
    if (kind === 'any') return this.#endOne(() => this.#anyTab());
    if (kind === 'offline') return this.#offline();
    if (kind === 'midOffline') return this.#midOffline();
    const found = await this.#aRefresh();
    if (!found) return;
    // Gives the others time to send requests, which wait for this one as they do on a slow network.
    await sleep(this.random.between(0, 150));
    const starter = () => this.tabs.ofLife(found.life);
    return kind === 'starter'
      ? this.#endOne(starter, 'starter')
      : this.#endOne(() => starter() && this.#anyTab(found.life), 'waiter');
  }

  /** Waits for a refresh to be in the middle: of a strict provider, before it has arrived there. */
  #aRefresh() {
    const { refreshes, gate } = this.shop;
    if (this.isStrict) gate.hold();
    return refreshes.until(() => {
      const asking = this.isStrict ? refreshes.parked() : refreshes.granted;
      return asking.find(({ life }) => this.tabs.ofLife(life));
    }, PATIENCE);
  }

  #anyTab(except) {
    const tabs = this.tabs.alive.filter(({ life }) => life !== except);
    return tabs.length > 0 ? this.random.pick(tabs) : null;
  }

  /** Ends a document. `choose` is asked at the last moment: clients leave pages by themselves. */
  async #endOne(choose, kind) {
    if (this.isStrict) this.shop.gate.hold();
    const tab = choose();
    if (!tab || !await this.#hasStored(tab.life) || !tab.life) return;
    await this.#end(tab, kind);
  }

  async #end(tab, kind) {
    const { life } = tab;
    const isClosed = this.random.chance(0.5);
    const before = this.shop.refreshes.parked(life);
    await (isClosed ? this.tabs.close(tab) : this.tabs.leave(tab));
    tab.reopenAt = Date.now() + (isClosed ? this.random.between(100, 2000) : 0);
    this.counts[isClosed ? 'close' : 'reload'] += 1;
    if (kind) this.counts[kind] += 1;
    if (!this.isStrict || before.length === 0) return;
    await sleep(TO_ABORT);
    this.cutBefore.all += before.length;
    this.cutBefore.outlived += before.filter(({ abortedAt }) => abortedAt === null).length;
  }

  /** Opens again what has been closed for long enough. */
  async #reopen() {
    for (const tab of this.tabs.slots) {
      if (!tab.life && !tab.isAtLogin && tab.reopenAt <= Date.now()) await this.tabs.open(tab);
    }
  }

  reopenAll() {
    for (const tab of this.tabs.slots) tab.reopenAt = 0;
    return this.tabs.alone(() => this.#reopen());
  }

  /** In the middle of an answer: nothing is held up, the network is just gone. */
  async #midOffline() {
    const { refreshes } = this.shop;
    if (!await refreshes.until(() => refreshes.granted.length > 0, PATIENCE)) return;
    this.counts.midOffline += 1;
    await this.#offline();
  }

  async #offline() {
    const { gate } = this.shop;
    if (this.isStrict) gate.hold();
    if (!await this.#hasStored()) return;
    this.calls.offline();
    await this.tabs.setOffline(true);
    if (this.isStrict) await sleep(100); // for what was on its way to arrive, and to get lost
    gate.cut();
    gate.release();
    this.counts.offline += 1;
    await sleep(this.random.between(500, 2500));
    await this.tabs.setOffline(false);
    this.calls.online();
  }

  /** Waits until the page, or every page, holds what the provider gave it. */
  async #hasStored(life) {
    const { refreshes } = this.shop;
    if (!this.isStrict) return true;
    const isQuiet = await refreshes.until(() => !refreshes.isUnderWay(life), PATIENCE);
    if (!isQuiet) this.problems.push(`the answer of a refresh was not stored within ${PATIENCE} ms`);
    await sleep(AFTER_STORING);
    return isQuiet;
  }
}
