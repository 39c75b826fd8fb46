// One place while it is being tried: its folder, its servers, its page.

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { startShop } from '../e2e/shop.mjs';
import { SEEN } from './app.mjs';
import { freePort, run, serve } from './command.mjs';
import { install } from './tarball.mjs';

export class Fixture {
  #place;
  #browser;
  #shop;
  #closers = [];

  /** `browser` launches one for all places when the first asks for it. */
  constructor(place, browser) {
    this.#place = place;
    this.#browser = browser;
    this.folder = install(place.name);
  }

  write(files) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  /** Runs one of the place's commands in its folder. Resolves with what it printed. */
  run(command, env) {
    return run(command, { cwd: this.folder, release: this.#place.release, env });
  }

  /** Starts a server of the place's own; `command` is made with the port. Resolves with its URL. */
  async serve(command, env = {}) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await serve(command(port), {
      cwd: this.folder, release: this.#place.release, env: { ...env, PORT: String(port), HOST: '127.0.0.1' }, url,
    });
    this.#closers.push(server.stop);
    return { url, text: server.text };
  }

  /** The API that the app talks to, which serves the files in `page` as well. */
  async shop(page = this.folder, options = {}) {
    this.#shop = await startShop({ page, ...options });
    this.#closers.push(() => this.#shop.close());
    return this.#shop.url;
  }

  /** Opens `url` in a profile of its own. `prepare` sees the page before. Resolves with it and with its complaints. */
  async open(url, prepare) {
    const profile = await (await this.#browser()).newContext();
    this.#closers.push(() => profile.close());
    return this.#openIn(profile, url, prepare);
  }

  /** Opens the URL of a page in another tab beside it. */
  openBeside({ page }) {
    return this.#openIn(page.context(), page.url());
  }

  async #openIn(profile, url, prepare) {
    const page = await profile.newPage();
    const complaints = listen(page);
    await prepare?.(page);
    await page.goto(url);
    return { page, complaints };
  }

  /** Opens `url`, and plays the story there. */
  async play(url, { baseURL = '/api', prepare } = {}) {
    const { page, complaints } = await this.open(`${url}/`, prepare);
    await page.waitForFunction(() => typeof story === 'function', null, { timeout: 15_000 })
      .catch((error) => assert.fail([error.message, ...complaints].join('\n')));
    await this.judge(await page.evaluate((base) => story(base), baseURL));
    assert.deepEqual(complaints, [], 'the page complains of nothing');
  }

  /** Resolves with the API's counts for a session. */
  record(sid) {
    return this.#shop.record(sid);
  }

  /** Asserts that the story went as it should, by what the app has seen and by what the API has counted. */
  async judge({ sid, ...seen }) {
    assert.deepEqual(seen, SEEN);
    const { refreshes, reuses, unauthorized } = await this.record(sid);
    assert.deepEqual({ refreshes, reuses }, { refreshes: 1, reuses: 0 });
    assert.ok(unauthorized >= 1 && unauthorized <= 5, `${unauthorized} answers were a 401`);
  }

  /** The same for an app that prints what it has seen. Returns what else was printed. */
  async judgeLog(log) {
    const told = /^.*?(\{"sid":.*\})/m.exec(log);
    assert.ok(told, `the story is not told:\n${log}`);
    await this.judge(JSON.parse(told[1]));
    return log.replace(told[0], '');
  }

  async close({ keep }) {
    for (const close of this.#closers.reverse()) await close();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Collects the page's errors and warnings. Chromium reports each 401 and 404 in the console; those are the story. */
function listen(page) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.stack));
  page.on('console', (message) => {
    const expected = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !expected) complaints.push(message.text());
  });
  return complaints;
}
