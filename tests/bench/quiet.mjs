// Pages that nobody listens in on. Playwright has the browser report each request of its pages, which makes a request
// ten times as slow as it is; these are made behind its back, and asked with the few commands that are needed.

const LOAD = 20;

/** Where pages can be opened; each context has a storage of its own. */
export async function quietly(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const pages = new Map();
  devtools.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    pages.get(sessionId)?.receive(JSON.parse(message));
  });
  return {
    newContext: async () => (await devtools.send('Target.createBrowserContext')).browserContextId,
    closeContext: (browserContextId) => devtools.send('Target.disposeBrowserContext', { browserContextId }),
    /** A page in which the global `ready` is there. */
    async open(browserContextId, url, ready) {
      const { targetId } = await devtools.send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: false });
      const page = new QuietPage(devtools, sessionId);
      pages.set(sessionId, page);
      await page.send('Emulation.setFocusEmulationEnabled', { enabled: true }); // else most of many are hidden
      await page.send('Page.navigate', { url });
      await page.until((name) => document.readyState === 'complete' && name in globalThis, ready);
      return page;
    },
  };
}

class QuietPage {
  #devtools;
  #sessionId;
  #answers = new Map();
  #asked = 0;

  constructor(devtools, sessionId) {
    this.#devtools = devtools;
    this.#sessionId = sessionId;
  }

  receive({ id, result, error }) {
    const { resolve, reject } = this.#answers.get(id) ?? {};
    this.#answers.delete(id);
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
  }

  /** One command; rejects when there is no answer within `seconds`. */
  async send(method, params = {}, seconds = LOAD) {
    this.#asked += 1;
    const id = this.#asked;
    let timer;
    const answer = new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new Error(`${method}: no answer within ${seconds} s`)), seconds * 1000);
    });
    const message = JSON.stringify({ id, method, params });
    await this.#devtools.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
    return answer.finally(() => clearTimeout(timer));
  }

  /** Calls `act` in the page; waits for `seconds` at most. */
  async ask(seconds, act, argument) {
    const expression = `(${act})(${JSON.stringify(argument)})`;
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true,
    }, seconds);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(holds, argument) {
    const end = Date.now() + LOAD * 1000;
    // While it navigates, a page cannot be asked.
    while (!await this.ask(LOAD, holds, argument).catch(() => false)) {
      if (Date.now() > end) throw new Error(`${argument} was not there within ${LOAD} s`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }
}
