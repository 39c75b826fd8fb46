// Stands before the token endpoint. It makes the way there and back as long as a network does, holds one refresh
// where the plan wants it, answers 503 during an outage, and writes down what the provider did.

import { setTimeout as sleep } from 'node:timers/promises';

import { lifeOf } from '../server/life.mjs';

const THERE = [5, 60];
const BACK = [5, 120];

export class Gate {
  #traps = [];
  #delay = 0;
  #isOut = false;

  constructor({ ledger, random }) {
    Object.assign(this, { ledger, random });
  }

  /** Catches the next refresh at this moment, and holds it until it is released. */
  trap(moment) {
    const trap = { moment };
    trap.caught = new Promise((resolve) => { trap.catch = resolve; });
    trap.released = new Promise((resolve) => {
      trap.release = () => {
        this.#traps = this.#traps.filter((other) => other !== trap);
        resolve();
      };
    });
    this.#traps.push(trap);
    return trap;
  }

  /** The next grant's answer takes this long. */
  slowDown(ms) {
    this.#delay = ms;
  }

  setOutage(isOut) {
    this.#isOut = isOut;
  }

  /** Refreshes of these lives that have not reached the provider get lost on the way. */
  cut(lives) {
    for (const refresh of this.ledger.refreshes) {
      if (refresh.state === 'parked' && lives.includes(refresh.life)) refresh.isCut = true;
    }
  }

  /** Middleware of the provider. */
  get middleware() {
    return async (context, next) => {
      if (context.path !== '/token' || context.method !== 'POST') return next();
      const life = lifeOf(context.get('referer'));
      if (life) return this.#refresh(context, next, this.ledger.refreshArrived(life));
      await next();
      if (context.status === 200) this.ledger.issued(context.body, { from: 'sign-in' });
    };
  }

  async #refresh(context, next, refresh) {
    context.res.once('close', () => { refresh.isAborted = !context.res.writableFinished; });
    await sleep(this.random.between(...THERE));
    await this.#pass('parked', refresh);
    // An answer, not a broken connection: on that a browser sends the request once more by itself.
    if (refresh.isCut || refresh.isAborted || this.#isOut) {
      refresh.state = refresh.isCut || refresh.isAborted ? 'dropped' : 'unavailable';
      context.status = 503;
      return;
    }
    await next();
    this.#record(context, refresh);
    await this.#pass('granted', refresh);
    const delay = refresh.brought ? this.#delay : 0;
    if (delay) this.#delay = 0;
    refresh.slowBy = delay;
    await sleep(delay || this.random.between(...BACK));
    refresh.answeredAt = Date.now();
  }

  async #pass(moment, refresh) {
    const trap = this.#traps.find((one) => one.moment === moment);
    if (!trap || (moment === 'granted' && !refresh.brought)) return;
    this.#traps = this.#traps.filter((other) => other !== trap);
    trap.catch(refresh);
    await trap.released;
  }

  #record(context, refresh) {
    const generation = this.ledger.ofRefreshToken(context.oidc?.params?.refresh_token);
    Object.assign(refresh, { generation, presentedAt: Date.now(), state: 'refused' });
    if (context.status !== 200) {
      refresh.refusal = `${context.status} ${context.body?.error_description ?? context.body?.error ?? ''}`;
    } else {
      refresh.state = 'granted';
      refresh.wasExpired = generation.expiredAt !== null;
      refresh.brought = this.ledger.issued(context.body, { from: refresh });
      generation.grant = refresh;
    }
    this.ledger.changed();
  }
}
