// Refreshing before the token ends although nobody asks (`autoRefresh`).

import { startIdleTimer } from './clock.js';
import { drive } from './drive.js';
import { isDormant } from './page.js';
import { weakly } from './weak.js';

/** @import { Platform } from './platform.js' */

/**
 * Keeps the client's token fresh, for as long as somebody refers to the client.
 * @param {Platform} platform
 */
export function keepFresh(platform) {
  platform.background = new Background(platform);
  platform.background.plan();
}

export class Background {
  #client;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Platform} platform */
  constructor(platform) {
    this.#client = weakly(platform);
  }

  /** Looks when the token is due, and sleeps until then: 12 h at most, which is what Rust answers. */
  plan() {
    clearTimeout(this.#timer);
    const platform = this.#client.deref();
    const due = platform ? platform.core.untilDue(platform) : Infinity;
    if (due < Infinity) this.#timer = startIdleTimer(() => this.refresh(), due);
  }

  /** Refreshes a token that is due. Where nobody is there to see it, it is caught up on when somebody is. */
  async refresh() {
    const platform = this.#client.deref();
    if (!platform || isDormant()) return;
    try {
      await drive(platform.core.refreshAhead(platform));
    } catch {
      // The listeners have heard of it.
    }
    this.plan();
  }
}
