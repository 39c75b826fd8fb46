// Stands before the token endpoint: makes the way there and back as long as a network makes it, can hold
// refreshes up before the provider has seen them, and writes down what the provider did.

import { setTimeout as sleep } from 'node:timers/promises';

import { lifeOf } from './life.mjs';

export class Gate {
  #open = Promise.resolve();
  #release = null;

  constructor({ refreshes, generations, random, delays, dropsCut }) {
    Object.assign(this, { refreshes, generations, random, delays, dropsCut });
  }

  /** From now on refreshes wait before the provider. */
  hold() {
    if (this.#release) return;
    this.#open = new Promise((resolve) => { this.#release = resolve; });
  }

  release() {
    this.#release?.();
    this.#release = null;
    this.#open = Promise.resolve();
  }

  /** Refreshes that are still before the provider get lost on the way: those of one page, or all. */
  cut(life) {
    for (const refresh of this.refreshes.parked(life)) refresh.isCut = true;
  }

  /** Middleware of the provider. */
  get middleware() {
    return async (context, next) => {
      const life = lifeOf(context.get('referer'));
      if (context.path !== '/token' || context.method !== 'POST') return next();
      if (!life) return this.#signIn(context, next);
      return this.#refresh(context, next, this.refreshes.arrived(life));
    };
  }

  async #signIn(context, next) {
    await next();
    if (context.status === 200) this.generations.issued(context.body);
  }

  async #refresh(context, next, refresh) {
    context.res.once('close', () => { refresh.abortedAt = context.res.writableFinished ? null : Date.now(); });
    await sleep(this.random.between(...this.delays.there));
    while (this.#release) await this.#open;
    if (this.#isLost(refresh)) {
      this.refreshes.move(refresh, 'dropped');
      // An answer, not a broken connection: on that a browser sends the request once more by itself.
      context.status = 503;
      return;
    }
    this.refreshes.move(refresh, 'entered');
    await next();
    this.#record(context, refresh);
    await sleep(this.random.between(...(this.random.chance(this.delays.slow) ? this.delays.long : this.delays.back)));
    this.refreshes.move(refresh, refresh.answer ? 'answered' : 'refused');
  }

  #isLost(refresh) {
    if (this.dropsCut && (refresh.isCut || this.refreshes.hasEnded(refresh.life))) return true;
    return refresh.abortedAt !== null; // the browser has closed the connection
  }

  #record(context, refresh) {
    const generation = this.generations.ofRefreshToken(context.oidc?.params?.refresh_token);
    refresh.generation = generation;
    refresh.presentedAt = Date.now();
    refresh.usedBefore = generation?.grants ?? 0;
    if (context.status !== 200) {
      refresh.refusal = `${context.status} ${context.body?.error_description ?? context.body?.error ?? ''}`;
      return;
    }
    refresh.answer = context.body;
    refresh.brought = this.generations.issued(context.body);
    this.generations.refreshed(generation);
    this.refreshes.changed();
  }
}
