// What every test here begins with: a browser, the server, and a page that is signed in.

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
    await profile.addInitScript(([{ accessToken, refreshToken }, otherURL]) => {
      window.otherURL = otherURL;
      localStorage.setItem('accessToken', accessToken);
      localStorage.setItem('refreshToken', refreshToken);
    }, [tokens, this.server.otherURL]);
    const page = await profile.newPage();
    await page.goto(`${this.server.url}/${name}.html`);
    await page.waitForFunction(() => typeof story === 'object');
    const navigations = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) navigations.push(new URL(request.url()).pathname);
    });
    return { page, session, record, navigations };
  }

  async strike() {
    await this.#browser?.close();
    await this.server?.close();
  }
}
