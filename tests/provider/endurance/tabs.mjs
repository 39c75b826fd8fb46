// The tabs, each of which lives several lives, and what is done to them.

import { setTimeout as sleep } from 'node:timers/promises';

import { pagePath } from '../server/life.mjs';

const LOADING = 20_000;

export class Tabs {
  problems = [];
  #work = new Set();

  constructor({ engine, shop, ledger, count }) {
    Object.assign(this, { engine, shop, ledger });
    this.all = Array.from({ length: count }, (_, index) => ({
      slot: index + 1, lives: 0, life: null, page: null, isBusy: true,
    }));
  }

  /** Those to which nothing is being done. */
  get free() {
    return this.all.filter(({ life, isBusy }) => life && !isBusy);
  }

  ofLife(life) {
    return this.all.find((tab) => tab.life === life);
  }

  async open(tab) {
    tab.isBusy = true;
    tab.lives += 1;
    const life = `${tab.slot}.${tab.lives}`;
    tab.life = life;
    this.ledger.bornLife(life);
    tab.page = await this.engine.open(`${this.shop.origin}${pagePath('tokenflight', life)}`, {
      onCrash: () => this.#crashed(tab, life), isHidden: tab.slot % 2 === 0,
    });
    const isHeard = await this.ledger.until(() => this.ledger.lives.get(life).heardAt, LOADING);
    if (!isHeard) this.problems.push(`tab ${life} did not load within ${LOADING / 1000} s`);
    tab.isBusy = false;
  }

  /** Ends a tab; another one comes in its place after a while. */
  async kill(tab, { isCrash, lasts }) {
    tab.isBusy = true;
    const { life, page } = tab;
    this.ledger.lifeEnded(life, isCrash ? 'crashed' : 'closed');
    this.shop.gate.cut([life]);
    tab.life = null;
    await this.engine.close(page, isCrash);
    this.#later(lasts, () => this.open(tab));
  }

  async freeze(tab, { lasts }) {
    tab.isBusy = true;
    const { page, life } = tab;
    const end = this.ledger.spell('frozen', [life]);
    await this.engine.freeze(page, true);
    const from = Date.now();
    this.#later(lasts, async () => {
      // A page that reports while it is frozen is not.
      const isSilent = this.ledger.lives.get(life).heardAt < from + 300;
      if (!isSilent) this.problems.push(`tab ${life} did not freeze`);
      await this.engine.freeze(page, false);
      end();
      tab.isBusy = false;
    });
  }

  async offline(tabs, { lasts }) {
    for (const tab of tabs) tab.isBusy = true;
    const lives = tabs.map(({ life }) => life);
    const end = this.ledger.spell('offline', lives);
    await Promise.all(tabs.map((tab) => this.#setOffline(tab, true)));
    this.shop.gate.cut(lives);
    this.#later(lasts, async () => {
      await Promise.all(tabs.map((tab) => this.#setOffline(tab, false)));
      end();
      for (const tab of tabs) tab.isBusy = false;
    });
  }

  async #setOffline({ page, life }, isOffline) {
    if (this.engine.offline) return this.engine.offline(page, isOffline);
    return this.shop.setOffline(life, isOffline);
  }

  #later(ms, act) {
    const work = sleep(ms).then(act).catch((error) => this.problems.push(`${error.message}`));
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  /** Waits until all tabs are open, awake and online. */
  async rest() {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** The browser's own doing, or that of a crash next door. */
  #crashed(tab, life) {
    if (tab.life !== life) return;
    this.ledger.lifeEnded(life, 'crashed');
    this.ledger.count('crashed with another tab');
    tab.life = null;
    tab.isBusy = true;
    const { page } = tab;
    this.#later(200, async () => {
      await this.engine.close(page, false);
      await this.open(tab);
    });
  }
}
