// The beginning of every test here: a browser, the server, and a page that is signed in.

import { launchBrowser } from '../e2e/shop.mjs';
import { PAGES } from './pages.mjs';
import { startServer } from './server/server.mjs';

export class Stage {
  #browser;

  /** Starts the server and the browser. The pages are there: `npm test -- recipes` has made them. */
  static async set() {
    const stage = new Stage();
    stage.server = await startServer(PAGES);
    stage.#browser = await launchBrowser();
    return stage;
  }

  /** Opens a page in a profile of its own, with a session of its own. */
  async open(test, name) {
    const profile = await this.#browser.newContext();
    test.after(() => profile.close());
    const { session, tokens, record } = this.server.signIn();
    const page = await this.#show(profile, name, tokens);
    const navigations = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) navigations.push(new URL(request.url()).pathname);
    });
    return { page, session, tokens, record, navigations };
  }

  /** Opens another tab beside a page, with the tokens that are there. */
  openBeside(page, name) {
    return this.#show(page.context(), name, {});
  }

  async #show(profile, name, tokens) {
    const page = await profile.newPage();
    await page.addInitScript(([{ accessToken, refreshToken }, otherURL]) => {
      window.env = { api: otherURL };
      if (!accessToken) return;
      localStorage.setItem('accessToken', accessToken);
      localStorage.setItem('refreshToken', refreshToken);
    }, [tokens, this.server.otherURL]);
    await page.goto(`${this.server.url}/${name}.html`);
    await page.waitForFunction(() => typeof story === 'object');
    return page;
  }

  async strike() {
    await this.#browser?.close();
    await this.server?.close();
  }
}
