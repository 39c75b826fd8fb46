// The files of docs/ssr.md as they stand there: an app of each framework, built for production and served by Node, over an
// API whose refresh tokens are good for one use; by plain HTTP and in Chromium.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { launchBrowser } from '../e2e/shop.mjs';
import { Fixture } from './fixture.mjs';
import { assertQuiet } from './output.mjs';
import { Api, FRAMEWORKS, PLAIN, Visitor } from './ssr.mjs';

// Where the frameworks are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

const USERS = ['adelaide', 'barnaby'];
const EXPIRED = -10;
/** Returns the visible part of a page. */
const rendered = ({ text }) => text.replace(/<script.*?<\/script>|<!--.*?-->|<[^>]+>/gs, '');
const ATTRIBUTES = ['httponly', 'samesite=lax', 'secure'];
const isCookie = (name) => (header) => (
  header.startsWith(`${name}=`) && ATTRIBUTES.every((word) => header.toLowerCase().includes(word))
);

for (const framework of FRAMEWORKS) {
  describe(`docs/ssr.md, ${framework.name}`, { skip, timeout: 300_000 }, () => {
    let api, fixture, app, building;
    let failed = 0;

    async function build() {
      api = await Api.start();
      fixture = new Fixture({ ...framework, name: `ssr ${framework.name}` }, browser);
      fixture.write(framework.files);
      for (const command of framework.prepare) await fixture.run(command);
      assertQuiet(await fixture.run(framework.build));
      app = await fixture.serve(framework.start, { API_URL: api.url });
    }
    after(async () => {
      await fixture?.close({ keep: failed > 0 });
      await api?.close();
    });
    const scenario = (name, play) => test(`${framework.name}: ${name}`, { timeout: 240_000 }, async (t) => {
      failed += 1;
      await (building ??= build());
      api.requests();
      await play(t);
      assertQuiet(app.text());
      failed -= 1;
    });
    const arrive = (user, expiresIn) => new Visitor(app.url, api.grant(user, expiresIn));
    const ledger = (user) => {
      const { refreshes, reuses } = api.of(user);
      return { refreshes, reuses };
    };

    scenario('two users at once, with expired tokens, see nothing of each other and refresh once each', async () => {
      const browsers = USERS.map((user) => [user, arrive(user, EXPIRED)]);
      const visits = Array.from({ length: 20 }, (_, n) => browsers.map(async ([user, visitor]) => {
        // Some leave while the refresh is under way, some behind it with the cookies of before.
        await new Promise((resolve) => { setTimeout(resolve, n * 10); });
        const isWrite = n % 4 === 3;
        const answer = await (isWrite
          ? visitor.visit('/api/orders', { method: 'POST', body: { item: `cup of ${user}` } })
          : visitor.visit('/'));
        assert.equal(answer.status, 200, answer.text);
        const other = USERS.find((name) => name !== user);
        assert.ok(isWrite || answer.text.includes(user), `${user} is named in ${answer.text}`);
        assert.ok(!answer.text.includes(other), `${other} is not named in what ${user} gets`);
        assert.doesNotMatch(rendered(answer), /Sign in/);
      }));
      for (const { reason } of await Promise.allSettled(visits.flat())) assert.ifError(reason);
      for (const [user, visitor] of browsers) {
        assert.deepEqual(ledger(user), { refreshes: 1, reuses: 0 });
        assert.equal(api.of(user).orders.length, 5);
        const { text } = await visitor.visit('/');
        assert.equal(text.split(`cup of ${user}</li>`).length - 1, 5);
      }
    });

    scenario('an expired token is refreshed before the page is rendered, and the browser gets the new ones', async () => {
      const visitor = arrive('cordelia', EXPIRED);
      const before = Object.fromEntries(visitor.cookies);
      const { status, text, set, cache } = await visitor.visit('/');
      assert.equal(status, 200);
      if (framework.isPrivate) assert.match(cache, /private.*no-store/);
      assert.match(rendered({ text }), /Orders of cordelia/);
      for (const name of ['access_token', 'refresh_token']) {
        assert.equal(set.filter(isCookie(name)).length, 1, `${name} in ${set}`);
        assert.notEqual(visitor.cookies.get(name), before[name]);
      }
      const late = new Visitor(app.url, { accessToken: before.access_token, refreshToken: before.refresh_token });
      assert.match(rendered(await late.visit('/')), /Orders of cordelia/);
      assert.deepEqual(late.cookies, visitor.cookies, 'a request with the cookies of before gets the new ones as well');
      assert.deepEqual((await visitor.visit('/')).set, [], 'cookies that are good are not set again');
      assert.deepEqual(ledger('cordelia'), { refreshes: 1, reuses: 0 });
    });

    scenario('a sign-in over an expired session begins another one, with nothing in common', async () => {
      const visitor = arrive('josephine', EXPIRED);
      const before = Object.fromEntries(visitor.cookies);
      const body = { user: 'katherine', password: 'katherine' };
      const { status } = await visitor.visit('/api/sign-in', { method: 'POST', body });
      assert.equal(status, 204);
      assert.match(rendered(await visitor.visit('/')), /Orders of katherine/);
      const late = new Visitor(app.url, { accessToken: before.access_token, refreshToken: before.refresh_token });
      assert.match(rendered(await late.visit('/')), /Orders of josephine/);
    });

    scenario('a session that was ended elsewhere is a visitor, whose cookies go', async () => {
      const visitor = arrive('desmond', EXPIRED);
      api.revoke('desmond');
      const { status, text } = await visitor.visit('/');
      assert.equal(status, 200);
      assert.match(rendered({ text }), /Sign in/);
      assert.doesNotMatch(text, /desmond/);
      assert.deepEqual([...visitor.cookies], []);
      assert.deepEqual(ledger('desmond'), { refreshes: 1, reuses: 0 });
    });

    scenario(`a token that was taken back renders the page ${framework.isLate ? 'of a visitor' : 'signed in'}`, async () => {
      const visitor = arrive('leonora');
      api.takeBack('leonora');
      const page = await visitor.visit('/');
      assert.match(rendered(page), framework.isLate ? /Sign in/ : /Orders of leonora/);
      assert.equal(visitor.cookies.size, 2);
      assert.equal((await visitor.visit('/api/refresh-token', { method: 'POST' })).status, 204);
      assert.match(rendered(await visitor.visit('/')), /Orders of leonora/);
      assert.equal(api.of('leonora').reuses, 0);
    });

    scenario('a visitor costs no refresh', async () => {
      const visitor = new Visitor(app.url);
      assert.match((await visitor.visit('/')).text, /Sign in/);
      assert.equal((await visitor.visit('/api/orders', { method: 'POST', body: { item: 'cup' } })).status, 401);
      assert.equal((await visitor.visit('/api/refresh-token', { method: 'POST' })).status, 401);
      assert.deepEqual([...visitor.cookies], []);
      assert.deepEqual(api.requests(), ['GET /orders', 'POST /orders']);
    });

    scenario('an outage of the token server ends no session', async () => {
      const visitor = arrive('evangeline', EXPIRED);
      const before = new Map(visitor.cookies);
      api.isDown = true;
      const { status, text } = await visitor.visit('/').finally(() => { api.isDown = false; });
      assert.equal(status, 503, text);
      assert.deepEqual(visitor.cookies, before);
      await new Promise((resolve) => { setTimeout(resolve, 3000); });
      assert.match(rendered(await visitor.visit('/')), /Orders of evangeline/);
    });

    /** A page in a profile with these tokens as cookies. It notes each text that it shows. */
    async function open({ accessToken, refreshToken }) {
      const { page, complaints } = await fixture.open('about:blank');
      const cookie = { url: app.url, httpOnly: true, sameSite: 'Lax' };
      if (accessToken) {
        await page.context().addCookies([
          { ...cookie, name: 'access_token', value: accessToken }, { ...cookie, name: 'refresh_token', value: refreshToken },
        ]);
      }
      await page.setExtraHTTPHeaders(PLAIN);
      await page.addInitScript(() => {
        globalThis.shown = [];
        new MutationObserver(() => {
          const text = document.body?.innerText ?? '';
          if (text !== shown.at(-1)) shown.push(text);
        }).observe(document, { subtree: true, childList: true, characterData: true });
      });
      const sent = [];
      page.on('request', (request) => {
        if (request.url().includes('/api/')) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
      });
      await page.goto(app.url);
      // A click before the page is hydrated does nothing.
      await page.waitForLoadState('networkidle');
      return { page, complaints, sent };
    }

    scenario('a page begins signed in, never flashes, and orders once', async () => {
      const tokens = api.grant('fernanda', EXPIRED);
      const { page, complaints, sent } = await open(tokens);
      await page.locator('h1', { hasText: 'Orders of fernanda' }).waitFor();
      const cookies = Object.fromEntries((await page.context().cookies()).map((cookie) => [cookie.name, cookie]));
      for (const [name, old] of [['access_token', tokens.accessToken], ['refresh_token', tokens.refreshToken]]) {
        assert.equal(cookies[name].httpOnly, true);
        assert.notEqual(cookies[name].value, old);
      }
      await page.locator('#order').click();
      await page.locator('li').waitFor();
      assert.deepEqual(sent.filter((request) => request.startsWith('POST')), ['POST /api/orders']);
      assert.equal(api.of('fernanda').orders.length, 1);
      const shown = await page.evaluate(() => globalThis.shown);
      assert.ok(shown.length > 0 && shown.every((text) => !text.includes('Sign in')), JSON.stringify(shown));
      assert.deepEqual(complaints, []);
      assert.deepEqual(ledger('fernanda'), { refreshes: 1, reuses: 0 });
    });

    scenario('a token that the API has taken back is refreshed, and the order arrives once', async () => {
      const { page, complaints } = await open(api.grant('gwendolyn'));
      await page.locator('h1', { hasText: 'Orders of gwendolyn' }).waitFor();
      api.takeBack('gwendolyn');
      await page.locator('#order').click();
      await page.locator('li').waitFor();
      assert.equal(await page.locator('li').count(), 1);
      assert.equal(api.of('gwendolyn').orders.length, 1);
      assert.deepEqual(ledger('gwendolyn'), { refreshes: 1, reuses: 0 });
      assert.deepEqual(complaints, []);
    });

    scenario('a session that ends while the page is shown leads to the login page, and another user signs in', async () => {
      const { page, complaints } = await open(api.grant('humphrey'));
      await page.locator('h1', { hasText: 'Orders of humphrey' }).waitFor();
      api.revoke('humphrey');
      await page.locator('#order').click();
      await page.waitForURL('**/login');
      await page.waitForLoadState('networkidle');
      const signIn = async (user, password) => {
        await page.locator('[name=user]').fill(user);
        await page.locator('[name=password]').fill(password);
        await page.locator('#sign-in').click();
      };
      await signIn('imogen', 'wrong');
      await page.locator('[role=status]', { hasText: 'Wrong name or password.' }).waitFor();
      await signIn('imogen', 'imogen');
      await page.locator('h1', { hasText: 'Orders of imogen' }).waitFor();

      await page.locator('#order').click();
      await page.locator('li').waitFor();
      await Promise.all([page.waitForResponse('**/api/sign-out'), page.locator('#sign-out').click()]);
      await page.locator('a', { hasText: 'Sign in' }).waitFor();
      await page.reload();
      await page.locator('a', { hasText: 'Sign in' }).waitFor();
      assert.deepEqual(await page.context().cookies(), []);
      assert.ok(api.requests().includes('POST /sign-out'));
      assert.deepEqual(complaints, []);
    });
  });
}
