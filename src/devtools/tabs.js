// The devtools of other tabs: what happens there is told by a channel, which reaches the same origin alone.

import { now } from './events.js';

/** @import { TimelineEvent } from '../npm/devtools.js' */
/** @import { Event } from './events.js' */

/** Of this page: all its elements are one tab. Not a UUID, which only pages of https: and localhost can make. */
const TAB = Math.random().toString(36).slice(2);

export class Tabs {
  #channel;
  /** @type {() => void} */
  #leave = () => this.tell({ type: 'left', at: now() });

  /**
   * @param {string[]} keys of the session: others have a channel of their own
   * @param {(event: Event) => void} hear
   */
  constructor(keys, hear) {
    this.#channel = new BroadcastChannel(['tokenflight devtools', ...keys].join(' '));
    this.#channel.onmessage = ({ data }) => {
      const { tab, event } = Object(data);
      // Any script of the origin can write there.
      if (typeof tab === 'string' && tab !== TAB && typeof event?.at === 'number') hear({ ...event, tab });
    };
    addEventListener('pagehide', this.#leave);
  }

  /** @param {TimelineEvent} event */
  tell(event) {
    this.#channel.postMessage({ tab: TAB, event });
  }

  close() {
    this.#leave();
    removeEventListener('pagehide', this.#leave);
    this.#channel.close();
  }
}
