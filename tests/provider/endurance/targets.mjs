// Pages in a profile of their own, each spoken to over the browser's one DevTools session.

import { atMost } from '../driver/at-most.mjs';

const STEP = 20_000;

export async function openTargets(browser) {
  const { browserContextId } = await browser.send('Target.createBrowserContext');
  const targets = new Map(); // session ─► target
  browser.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    targets.get(sessionId)?.receive(JSON.parse(message));
  });
  return {
    async create(url) {
      const { targetId } = await atMost(STEP, browser.send('Target.createTarget', { url, browserContextId }), 'a new page');
      const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
      const target = new Target({ browser, targetId, sessionId, forget: () => targets.delete(sessionId) });
      targets.set(sessionId, target);
      return target;
    },
  };
}

class Target {
  #waiting = new Map();
  #listeners = [];
  #sent = 0;

  constructor(parts) {
    Object.assign(this, parts);
  }

  on(event, listener) {
    this.#listeners.push({ event, listener });
  }

  send(method, params) {
    const id = this.#sent += 1;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ error, result }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
    });
    const message = JSON.stringify({ id, method, params });
    const sent = this.browser.send('Target.sendMessageToTarget', { sessionId: this.sessionId, message });
    return atMost(STEP, sent.then(() => answer), method);
  }

  receive({ id, method, ...message }) {
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
      return;
    }
    for (const { event, listener } of this.#listeners) if (event === method) listener(message.params);
  }

  async close() {
    this.forget();
    await atMost(STEP, this.browser.send('Target.closeTarget', { targetId: this.targetId }), 'closing a page');
  }
}
