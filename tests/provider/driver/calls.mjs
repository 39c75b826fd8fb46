// The caller's side: every call, how it ended, and whether the driver itself had cut it off.

import { randomUUID } from 'node:crypto';

// Offline reaches and leaves the pages one by one.
const SLACK = 300;

export class Calls {
  #calls = new Map();
  #orders = new Map(); // id ─► { slot, isDone }
  #spells = [];

  /** `isAged(call)`: whether a 401 is the fault of the time that the replay took on its way. */
  constructor({ isAged }) {
    this.isAged = isAged;
  }

  begin(life, kind, order) {
    const call = { call: this.#calls.size + 1, life, kind, order, begunAt: Date.now(), endedAt: null };
    this.#calls.set(call.call, call);
    return call;
  }

  end({ call: number, status, error, message }) {
    const call = this.#calls.get(number);
    Object.assign(call, { endedAt: Date.now(), status, error, message });
    if (call.order && isGood(call)) this.#orders.get(call.order).isDone = true;
  }

  /** The page is gone: what had not settled was cut off, by the driver or by the client itself. */
  lifeEnded(life, isDriver) {
    for (const call of this.#calls.values()) {
      if (call.life === life && !call.endedAt) call.cutBy = isDriver ? 'driver' : 'client';
    }
  }

  newOrder(slot) {
    const id = randomUUID();
    this.#orders.set(id, { slot, isDone: false });
    return id;
  }

  /** Returns the orders that the tab's next document has to bring to an end. */
  openOrders(slot) {
    return [...this.#orders].filter(([, order]) => order.slot === slot && !order.isDone).map(([id]) => id);
  }

  offline() {
    this.#spells.push({ from: Date.now(), to: Infinity });
  }

  online() {
    this.#spells.at(-1).to = Date.now() + SLACK;
  }

  /** Returns true if the browser was without network at some moment between the two. */
  wasOffline(from, to) {
    return this.#spells.some((spell) => spell.from <= to && from <= spell.to);
  }

  get count() {
    return this.#calls.size;
  }

  /** Neither settled nor cut off. */
  get pending() {
    return [...this.#calls.values()].filter((call) => !call.endedAt && !call.cutBy);
  }

  /** Calls whose caller did not get what it was owed. */
  get lost() {
    return [...this.#calls.values()].filter((call) => !isGood(call) && !this.#isExcused(call));
  }

  /** Calls whose replay came too late for a token of two seconds. */
  get aged() {
    return [...this.#calls.values()].filter(({ call, status }) => status === 401 && this.isAged(call));
  }

  get orders() {
    return [...this.#orders.keys()];
  }

  /**
   * Orders that arrived with a good token more often than their callers asked. A caller asks again, with the
   * same id, after its call was cut off or failed for want of network: that arrival is its own doing.
   */
  doubled(arrivals) {
    return this.orders.filter((id) => {
      const attempts = arrivals(id);
      const byItself = attempts.filter((attempt) => !this.#isExcused(this.#calls.get(attempt)));
      return new Set(attempts).size < attempts.length || byItself.length > 1;
    });
  }

  #isExcused(call) {
    if (isGood(call)) return false;
    if (call.cutBy) return call.cutBy === 'driver';
    if (call.status === 401) return this.isAged(call.call);
    const isOutage = call.error === 'RefreshUnavailableError' || /Failed to fetch|ERR_NETWORK/.test(call.message ?? '');
    return call.endedAt !== null && isOutage && this.wasOffline(call.begunAt, call.endedAt);
  }
}

function isGood({ status }) {
  return status >= 200 && status <= 299;
}
