// Carries out the disruptions of a plan.

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 25_000; // for a refresh to come

export class Disruptions {
  constructor({ tabs, shop, ledger, control }) {
    Object.assign(this, { tabs, shop, ledger, control });
  }

  /** Lets the access tokens expire, with the disruption at its moment. Resolves when that is done. */
  async around(disruption, expire) {
    if (!disruption || disruption.moment === 'idle') {
      expire();
      if (disruption) await this.#happen(disruption, null);
      return;
    }
    const trap = this.shop.gate.trap(disruption.moment);
    try {
      expire();
      const refresh = await Promise.race([trap.caught, sleep(PATIENCE, null, { ref: false })]);
      if (refresh) await this.#happen(disruption, refresh);
    } finally {
      trap.release();
    }
  }

  async #happen(disruption, refresh) {
    const { kind, moment, target, isLong } = disruption;
    const tabs = this.#targets(disruption, refresh);
    if (tabs.length === 0) return;
    this.ledger.count(`${kind}, ${moment}${target === 'all' ? '' : `, ${target}`}${isLong ? ', for long' : ''}`);
    await this[kind](disruption, tabs);
  }

  #targets({ target, slot }, refresh) {
    const { free } = this.tabs;
    if (target === 'all') return free;
    if (target === 'refresher') return free.filter(({ life }) => life === refresh?.life);
    const others = free.filter(({ life }) => life !== refresh?.life);
    return others.length > 0 ? [others[slot % others.length]] : [];
  }

  kill({ isCrash, ...how }, [tab]) {
    return this.tabs.kill(tab, { ...how, isCrash: isCrash && this.tabs.engine.canCrash });
  }

  freeze(how, [tab]) {
    return this.tabs.freeze(tab, how);
  }

  offline(how, tabs) {
    return this.tabs.offline(tabs, how);
  }

  /** All tabs are on one machine: they have one clock. */
  clock({ shift }) {
    this.ledger.spell('clock')();
    this.control.shift = shift;
    this.ledger.shift = shift;
  }

  async delete(_how, [{ life }]) {
    const end = this.ledger.spell('database deleted');
    const result = await this.control.order(life, 'deleteDatabase');
    this.ledger.count(`delete: ${result ?? 'no answer'}`);
    end();
  }

  outage({ lasts }) {
    const end = this.ledger.spell('outage');
    this.shop.gate.setOutage(true);
    setTimeout(() => {
      this.shop.gate.setOutage(false);
      end();
    }, lasts);
  }

  slow({ delay }) {
    this.shop.gate.slowDown(delay);
  }
}
