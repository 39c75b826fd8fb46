// Refreshing before the token ends although nobody asks (`autoRefresh`).

import { now, startIdleTimer } from './clock.js';
import { drive } from './drive.js';
import { isDormant } from './page.js';
import { tellOfChange } from './watch.js';
import { weakly } from './weak.js';

/** @import { Platform } from './platform.js' */

// In ms. After a trap, the same call may trap again.
const PAUSE_AFTER_TRAP = 1000;

/**
 * Keeps the client's token fresh, for as long as somebody refers to the client.
 * @param {Platform} platform
 */
export function keepFresh(platform) {
  platform.background = new Background(platform);
  platform.background.plan();
  // Until a storage that answers later is read, nothing is known to be due.
  if (platform.isSlow()) tellOfChange(platform.session);
}

export class Background {
  #client;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #earliest = 0;

  /** @param {Platform} platform */
  constructor(platform) {
    this.#client = weakly(platform);
  }

  /** Sleeps until the token is due, but for at most 12 h (Rust returns no longer time). */
  plan() {
    clearTimeout(this.#timer);
    const platform = this.#client.deref();
    if (!platform) return;
    try {
      const due = platform.core.untilDue(platform);
      if (due < Infinity) this.#timer = startIdleTimer(() => this.refresh(), Math.max(due, this.#earliest - now()));
    } catch {
      // The module has trapped. Its successor has planned the next refresh.
    }
  }

  /** Goes on with another core. */
  goOn() {
    this.#earliest = now() + PAUSE_AFTER_TRAP;
    this.plan();
  }

  /** Refreshes a token that is due. If the page is hidden or offline, that happens when it wakes up. */
  async refresh() {
    const platform = this.#client.deref();
    if (!platform || isDormant()) return;
    const { core } = platform;
    try {
      await drive(core.refreshAhead(platform));
    } catch {
      // The listeners have heard of it.
    }
    if (platform.core === core) this.plan();
  }
}
