// Angular: an app of the files in docs/frameworks.md, built with Vite from the packed package, in Chromium.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { launchBrowser } from '../e2e/shop.mjs';
import { apps, intercepted } from './angular.mjs';
import { Fixture } from './fixture.mjs';
import { assertQuiet, modulesIn } from './output.mjs';

// Where Angular is that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

describe('angular', { concurrency: 2, skip }, () => {
  for (const app of apps) {
    test(`angular follows the session, and renders for nothing else: ${app.name}`, { timeout: 120_000 }, async (t) => {
      const { fixture, tab } = await opened(t, app);
      await followSession(tab, app, fixture);
      assert.deepEqual(tab.complaints, [], 'the page complains of nothing');
    });
  }

  test('angular: HttpClient gets through the api what it gets by itself', { timeout: 120_000 }, async (t) => {
    const { tab } = await opened(t, intercepted);
    await useHttpClient(tab);
    assert.deepEqual(tab.complaints, [], 'the page complains of nothing');
  });
});

/** Builds the app, and opens a page behind the guard. */
async function opened(t, { mode, files }) {
  const fixture = new Fixture({ name: t.name, of: '@angular/core' }, browser);
  t.after(() => fixture.close({ keep: false }));
  fixture.write(files);
  assertQuiet(await fixture.run(`vite build --mode ${mode}`, { NODE_ENV: mode }));
  assert.deepEqual(modulesIn(join(fixture.folder, 'dist')), { inlined: 1, files: 0 });
  const tab = await fixture.open(`${await fixture.shop(join(fixture.folder, 'dist'), { policy: false })}/orders`);
  await ready(tab);
  return { fixture, tab };
}

const ready = ({ page }) => page.waitForFunction(() => globalThis.api && document.querySelector('#session'));

/** Resolves with everything that has been shown so far, once nothing more comes. */
async function shownBy({ page }) {
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 100); }));
  return page.evaluate(() => [...seen]);
}

const signIn = ({ page }) => page.evaluate(async () => {
  const data = await post('/sign-in', { user: 'ada', password: 'ada', ttl: 600 }, false);
  await api.signIn(data);
  return data.sid;
});

async function followSession(tab, { isZoned }, fixture) {
  const { page } = tab;
  const is = async (...texts) => assert.deepEqual(await shownBy(tab), texts);
  const path = () => page.evaluate(() => location.pathname + location.search);
  const who = () => page.locator('app-who').innerText();

  assert.equal(await page.evaluate(() => isZoned), isZoned);
  assert.equal(await path(), '/login?next=%2Forders');
  await is('signedOut null');
  assert.equal(await who(), 'Sign in');
  const sid = await signIn(tab);
  await is('signedOut null', 'signedIn ada');
  assert.equal(await who(), 'Signed in as ada');
  await page.evaluate(() => go('/orders'));
  assert.equal(await path(), '/orders');

  await page.reload();
  await ready(tab);
  await is('signedIn ada');
  assert.equal(await path(), '/orders');

  await meetExpiry(tab, sid, isZoned);
  await is('signedIn ada', 'signedIn ada');
  assert.equal((await fixture.record(sid)).refreshes, 1);

  const other = await fixture.openBeside(tab);
  await ready(other);
  await other.page.evaluate(() => api.signOut());
  await page.waitForFunction(() => document.querySelector('#session').textContent === 'signedOut null');
  await is('signedIn ada', 'signedIn ada', 'signedOut null');

  await signIn(tab);
  await revoke(tab);
  const all = ['signedIn ada', 'signedIn ada', 'signedOut null', 'signedIn ada', 'signedOut null'];
  await is(...all);

  await page.evaluate(() => unmount());
  await page.evaluate(() => api.signIn({ accessToken: 'token', refreshToken: 'refresh' }));
  await is(...all);
}

/** Three calls on an expired token, and one more. A refresh is one change: the token's claims and its end are others. */
async function meetExpiry({ page }, sid, isZoned) {
  await page.evaluate((id) => post('/test/expire', { sid: id }, false), sid);
  const { during, afterwards } = await page.evaluate(async () => {
    const begin = renders();
    await Promise.all([1, 2, 3].map((n) => get(`/ping/${n}`)));
    await get('/ping/4');
    const during = renders() - begin;
    // A lock, a channel and timers are at work: none of them is a reason to look for changes.
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    return { during, afterwards: renders() - begin - during };
  });
  // With zone.js, whatever runs in the zone is followed by a render: four calls, and their answers.
  if (isZoned) assert.ok(during >= 1 && during <= 1 + 2 * 4, `${during} renders`);
  else assert.equal(during, 1, 'renders for one change of the session');
  assert.equal(afterwards, 0, 'renders while nothing happened');
}

/** The server ends the session without telling, and the next request finds out. */
async function revoke({ page }) {
  const told = await page.evaluate(async () => {
    await post('/sign-out', { refreshToken: localStorage.getItem('refreshToken') }, false);
    const { name, status, error } = await get('/ping/5').catch((reason) => reason);
    return { name, status, code: error.code };
  });
  assert.deepEqual(told, { name: 'HttpErrorResponse', status: 0, code: 'SIGN_IN_REQUIRED' });
}

async function useHttpClient(tab) {
  const { page } = tab;
  await signIn(tab);
  const aborted = [];
  page.on('requestfailed', (request) => { if (request.url().includes('/slow')) aborted.push(request.failure().errorText); });
  await page.evaluate(defineAsk);
  const through = await page.evaluate(() => ask(http, ''));
  const itself = await page.evaluate(() => (
    ask(plain, '/api', { Authorization: `Bearer ${localStorage.getItem('accessToken')}` })
  ));
  assert.deepEqual(through, itself);
  assert.equal(through.aborted, 'nothing');
  assert.deepEqual(aborted, Array(2).fill('net::ERR_ABORTED'));
  assert.deepEqual(through.events, ['Response 200']);
  assert.deepEqual(through.echo, ['POST', 'application/json', 18]);
  assert.deepEqual(await page.evaluate(async () => {
    const { headers } = await post('/test/echo', {});
    return [requested.at(-1), headers['x-app']];
  }), ['POST /test/echo', 'orders'], 'interceptors are above it');
}

/** Runs in the page. */
function defineAsk() {
  const content = (type, body, status = 200) => `/test/content?${new URLSearchParams({ type, body, status })}`;
  const first = (observable) => new Promise((next, error) => { observable.subscribe({ next, error }); });
  const shapeOf = ({ name, type, ok, status, statusText, url, body, error, headers }) => ({
    name, type, ok, status, statusText, path: new URL(url).pathname, body, error, kind: headers.get('content-type'),
  });
  globalThis.ask = async (client, base, headers = {}) => {
    const get = (url, options = {}) => first(client.get(base + url, { headers, ...options }));
    const failure = (promise) => promise.then(() => 'no failure', shapeOf);
    const echo = await first(client.post(`${base}/test/echo`, { text: 'Größe' }, { headers }));
    return {
      whole: shapeOf(await get('/ping/1', { observe: 'response', params: { q: 'ü' } })),
      echo: [echo.method, echo.headers['content-type'], echo.length],
      accept: echo.headers.accept,
      text: await get(content('text/plain', 'ü'), { responseType: 'text' }),
      size: (await get(content('image/gif', 'abc'), { responseType: 'blob' })).size,
      bytes: (await get(content('image/gif', 'abcd'), { responseType: 'arraybuffer' })).byteLength,
      empty: await get(content('application/json', '')),
      failed: await failure(get(content('application/json', '{"a":1}', 422))),
      page: await failure(get(content('text/html', '<p>', 500))),
      missing: await failure(get('/nowhere')),
      events: await new Promise((resolve) => {
        const events = [];
        client.get(`${base}/ping/2`, { headers, observe: 'events' }).subscribe({
          next: ({ type, status }) => { if (type === 4) events.push(`Response ${status}`); },
          complete: () => resolve(events),
        });
      }),
      aborted: await new Promise((resolve) => {
        const call = client.get(`${base}/test/slow?ms=400`, { headers }).subscribe({ next: () => resolve('an answer') });
        setTimeout(() => call.unsubscribe(), 100);
        setTimeout(() => resolve('nothing'), 800);
      }),
    };
  };
}
