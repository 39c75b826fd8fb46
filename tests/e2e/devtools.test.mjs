// `tokenflight/devtools` as it is published, in a page that is served with the demo's strict policy.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { root } from '../../scripts/places.mjs';
import { launchBrowser, openPage, scratchFolder } from './shop.mjs';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const CHANNEL = 'tokenflight devtools accessToken refreshToken';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>app</title>
<main><h1>An app</h1><p id="text">Text</p><button id="before">Button</button></main>
<script type="module" src="./app.js"></script>
</html>
`;
const APP = `import { createApi } from './index.js';
import * as devtools from './devtools.js';

const api = createApi({ baseURL: '/api', onSignedOut() {} });
const rejected = [];
addEventListener('unhandledrejection', ({ reason }) => rejected.push(reason.name));
const call = (count, path = '/ping/1') => Promise.allSettled(Array.from({ length: count }, () => api.fetch(path)));
globalThis.app = { api, call, createApi, devtools, rejected };
`;

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

/** A page with an api, not signed in, in a profile of its own. */
async function open(t, { latency = 40, ...options } = {}) {
  const folder = scratchFolder(t);
  for (const name of ['index.js', 'devtools.js']) cpSync(join(root, 'dist', name), join(folder, name));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'app.js'), APP);
  const opened = await openPage(t, browser, '/', { shop: { page: folder, latency }, ...options });
  await isReady(opened.page);
  return opened;
}

/** The same with the devtools mounted and open, and somebody signed in. */
async function mounted(t, options) {
  const opened = await open(t, options);
  const sid = await signIn(opened.page);
  await mount(opened.page);
  return { ...opened, sid };
}

const isReady = (page) => page.waitForFunction(() => globalThis.app);

const mount = (page) => page.evaluate(() => { app.unmount = app.devtools.mountDevtools(app.api, { open: true }); });

/** Without the devtools: this test is not about how somebody signs in. */
const signIn = (page) => page.evaluate(async () => {
  const { data } = await app.api.post('/sign-in', { user: 'ada', password: 'ada', ttl: 600 }, { auth: false });
  await app.api.signIn(data);
  return data.sid;
});

async function tabBeside({ profile, page }, prepare) {
  const other = await profile.newPage();
  await other.goto(page.url());
  await isReady(other);
  await prepare?.(other);
  await page.bringToFront();
  return other;
}

/** As the server does it, and not through the api, where it would be a call of its own. */
const expire = ({ page, sid }) => page.evaluate((sid) => fetch('/api/test/expire', {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ sid }),
}), sid);

/** Resolves with the newest burst as shown, once all of it is over, and it has so many calls, where that is given. */
async function newest(page, calls) {
  await page.waitForFunction((count) => {
    const { newest: burst, shadowRoot } = document.querySelector('tokenflight-devtools');
    const drawn = shadowRoot.querySelector('tokenflight-timeline').shadowRoot.querySelector('.burst');
    return drawn?.dataset.open === 'false' && drawn.querySelector('.result').textContent === burst.text
      && (count === undefined || burst.calls === count);
  }, calls, { polling: 50 });
  return page.locator('tokenflight-devtools .burst').first().evaluate((section) => ({
    ...Object.fromEntries(['calls', 'tabs', 'unauthorized', 'refreshes', 'replays', 'failed'].map((name) => (
      [name, Number(section.dataset[name])]
    ))),
    adopted: section.dataset.adopted,
    result: section.querySelector('.result').textContent,
    rows: [...section.querySelectorAll('li')].map((row) => [
      row.className, row.dataset.tab, row.querySelector('.label').textContent, row.querySelector('.outcome').textContent,
    ].join(' | ')),
    headings: [...section.querySelectorAll('h4')].map((heading) => heading.textContent),
  }));
}

const twenty = (row) => Array.from({ length: 20 }, () => row);

test('20 calls on an expired token: the one refresh stands first, and each call was replayed', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  await expire(stage);
  await page.evaluate(() => app.call(20));
  const { rows: [first, ...rows], result, ...counts } = await newest(page);
  assert.equal(first, 'refresh | 0 | refresh | 200');
  assert.deepEqual(rows, twenty('call | 0 | GET /api/ping/1 | 401 → 200'));
  assert.deepEqual(counts, {
    calls: 20, tabs: 1, unauthorized: 20, refreshes: 1, replays: 20, failed: 0, adopted: 'false', headings: [],
  });
  assert.equal(result, '20 requests met an expired token. One refresh, 20 replays, nothing lost.');
  assert.equal(await page.locator('tokenflight-devtools [role=status]').textContent(), result, 'it is said, too');
  assert.equal(await page.locator('tokenflight-devtools .counts').textContent(), '20 requests, 1 refresh');
  assert.equal((await stage.shop.record(stage.sid)).refreshes, 1);
  assert.deepEqual([stage.errors, stage.violations], [[], []]);
});

test('no token, claim, header, body or query is shown, told to other tabs or kept', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  const listener = await tabBeside(stage, (other) => other.evaluate((name) => {
    app.heard = [];
    new BroadcastChannel(name).onmessage = ({ data }) => { app.heard.push(data); };
  }, CHANNEL));
  const secrets = await page.evaluate(() => [localStorage.accessToken, localStorage.refreshToken]);
  await expire(stage);
  await page.evaluate(() => Promise.all([
    app.api.fetch('/ping/1?query-secret=1#fragment-secret'),
    app.api.fetch('/echo', { method: 'POST', body: 'body-secret', headers: { 'X-Own': 'header-secret' } }),
    app.api.fetch(new Request('/api/ping/2?query-secret=2', { headers: { 'X-Own': 'header-secret' } })),
  ].map((call) => call.catch(() => {}))));
  await newest(page);
  secrets.push(...await page.evaluate(() => [localStorage.accessToken, localStorage.refreshToken]));
  const heard = await listener.evaluate(() => app.heard);
  assert.ok(heard.length > 10, `${heard.length} messages`);
  const shown = await page.evaluate(() => {
    const textOf = (node) => [node.nodeValue ?? '', ...[...node.attributes ?? []].map(({ value }) => value),
      ...[...node.childNodes, ...node.shadowRoot ? [node.shadowRoot] : []].map(textOf)].join('\n');
    return textOf(document.querySelector('tokenflight-devtools'));
  });
  assert.match(shown, /GET \/api\/ping\/2/);
  await page.reload();
  await isReady(page);
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.match(kept, /ping\/1/);
  for (const text of [shown, kept, JSON.stringify(heard)]) {
    const parts = secrets.flatMap((token) => [token, ...token.split('.')]).filter((part) => part.length > 8);
    for (const part of [...parts, stage.sid]) assert.ok(!text.includes(part), `a part of a token is in ${text}`);
    assert.doesNotMatch(text, /secret|Bearer|\bada\b/);
  }
});

test('rows of another tab are marked as such, and a refresh there is named', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  const other = await tabBeside(stage, mount);
  await expire(stage);
  await other.evaluate(() => app.call(3));
  const there = await newest(page, 3);
  assert.deepEqual(there.rows, [
    'refresh elsewhere | 1 | refresh by other tab 1 | 200', ...Array(3).fill('call | 1 | GET /api/ping/1 | 401 → 200'),
  ]);
  assert.deepEqual(there.headings, ['Other tab 1']);
  assert.equal(there.result, '3 requests met an expired token. One refresh by another tab, 3 replays, nothing lost.');

  await page.waitForTimeout(400); // the next burst is another one
  await expire(stage);
  await Promise.all([page, other].map((tab) => tab.evaluate(() => app.call(5))));
  const { calls, tabs, refreshes, rows, headings, failed } = await newest(page, 10);
  assert.deepEqual({ calls, tabs, refreshes, headings, failed }, { calls: 10, tabs: 2, refreshes: 1, headings: ['Other tab 1'], failed: 0 });
  assert.deepEqual(rows.map((row) => row.split(' | ')[1]).slice(1), [...Array(5).fill('0'), ...Array(5).fill('1')], 'this tab is first');
  assert.equal((await stage.shop.record(stage.sid)).refreshes, 2);
  await other.bringToFront(); // nothing is drawn in a hidden tab
  assert.equal((await newest(other, 10)).refreshes, 1, 'both see the same');
});

test('a tab that is closed leaves nothing open, and a third one has a number of its own', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  const [second, third] = [await tabBeside(stage, mount), await tabBeside(stage, mount)];
  const hang = (tab) => tab.evaluate(() => { app.call(1, '/test/slow?ms=20000'); });
  await hang(second);
  await page.locator('tokenflight-devtools .burst[data-open=true] h4', { hasText: 'Other tab 1' }).waitFor();
  await second.close();
  assert.deepEqual((await newest(page, 1)).rows, ['call | 1 | GET /api/test/slow | aborted']);
  await third.evaluate(() => app.call(1));
  await page.locator('tokenflight-devtools h4', { hasText: 'Other tab 2' }).waitFor();
});

test('where the other tab has no devtools, its refresh is a dashed row', async (t) => {
  const stage = await mounted(t, { latency: 300 });
  const { page } = stage;
  const other = await tabBeside(stage);
  await expire(stage);
  const isRefreshing = other.waitForRequest(/refresh-token$/);
  await other.evaluate(() => { app.call(1); });
  await isRefreshing;
  await page.evaluate(() => app.call(3));
  const { rows, adopted, result, refreshes } = await newest(page);
  assert.equal(refreshes, 0);
  assert.equal(rows[0], 'adopted | 0 | refreshed by another tab | not sent');
  assert.equal(adopted, 'true');
  assert.match(result, /Another tab refreshed/);
});

test('clients of one session share a time line, and those of another session are not in it', async (t) => {
  const { page } = await mounted(t);
  await page.evaluate(async () => {
    const same = app.createApi({ baseURL: '/api', onSignedOut() {} });
    const another = app.createApi({ baseURL: '/api', accessTokenKey: 'a', refreshTokenKey: 'b', onSignedOut() {} });
    await Promise.allSettled([same.fetch('/ping/7'), another.fetch('/ping/8'), app.api.fetch('https://127.0.0.1:1/elsewhere')]);
  });
  assert.deepEqual((await newest(page)).rows, ['call | 0 | GET /api/ping/7 | 200']);
});

test('failures: no token server, an abort, a 404, and a session that is over', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  await page.evaluate(async () => {
    const controller = new AbortController();
    const aborted = app.api.fetch('/test/slow?ms=5000', { signal: controller.signal });
    setTimeout(() => controller.abort(), 60);
    await Promise.allSettled([aborted, app.api.fetch('/nothing')]);
  });
  const first = await newest(page);
  assert.deepEqual(first.rows, ['call | 0 | GET /api/test/slow | aborted', 'call | 0 | GET /api/nothing | 404']);
  assert.equal(first.failed, 0);
  assert.equal(first.result, '2 requests, no 401.');

  await page.waitForTimeout(400);
  await page.evaluate(() => app.api.post('/sign-out', { refreshToken: localStorage.refreshToken }, { auth: false }));
  await page.waitForTimeout(400);
  await page.evaluate(() => app.call(2));
  const last = await newest(page);
  assert.match(last.rows[0], /^refresh failed \| 0 \| refresh \| 40\d$/);
  assert.deepEqual(last.rows.slice(1), Array(2).fill('call failed | 0 | GET /api/ping/1 | 401 → failed'));
  assert.match(last.result, /^2 requests met an expired token\. 1 refresh refused, 2 requests failed\. The user is signed out\.$/);
  assert.equal(await page.locator('tokenflight-devtools .status').textContent(), 'Signed out');
});

test('what has led to a page load is still there afterwards, and whatever was under way has ended', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  await expire(stage);
  await page.evaluate(() => app.call(2));
  await newest(page);
  await page.waitForTimeout(400);
  await page.evaluate(() => { app.call(1, '/test/slow?ms=20000'); });
  await page.reload();
  await isReady(page);
  await mount(page);
  // Some browsers let it fail before the page is left.
  const { rows: [row] } = await newest(page);
  assert.match(row, /^call( failed)? \| 0 \| GET \/api\/test\/slow \| (aborted|no answer → failed)$/);
  assert.match(await page.locator('tokenflight-devtools .result').nth(1).textContent(), /^2 requests met an expired token/);
  await page.locator('tokenflight-devtools').getByRole('button', { name: 'Clear' }).click();
  assert.equal(await page.locator('tokenflight-devtools .empty').textContent(), 'Nothing yet.');
  assert.equal(await page.locator('tokenflight-devtools .counts').textContent(), '0 requests, 0 refreshes');
});

const focused = (page) => page.evaluate(() => {
  let { activeElement } = document;
  while (activeElement?.shadowRoot?.activeElement) activeElement = activeElement.shadowRoot.activeElement;
  return activeElement?.textContent.trim().slice(0, 30) ?? '';
});

test('by the keyboard: opened, walked through, scrolled, cleared and closed', async (t) => {
  const { page } = await open(t, { viewport: { width: 900, height: 500 } });
  await signIn(page);
  await page.evaluate(() => { app.devtools.mountDevtools(app.api); });
  const button = page.locator('tokenflight-devtools').getByRole('button', { name: 'tokenflight' });
  const isOpen = async () => await button.getAttribute('aria-expanded') === 'true';
  assert.equal(await isOpen(), false, 'it begins closed');
  await page.evaluate(() => app.call(20));
  await page.locator('#before').focus();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'tokenflight');
  await page.keyboard.press('Enter');
  assert.ok(await isOpen());
  assert.equal((await newest(page)).calls, 20, 'it has counted while it was closed');
  assert.equal(await focused(page), 'tokenflight', 'the focus stays');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Clear');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'What the colours mean');
  await page.keyboard.press('Enter');
  await page.locator('tokenflight-devtools dt', { hasText: 'replay' }).waitFor();
  await page.keyboard.press('Tab');
  const scroller = page.locator('tokenflight-devtools .scroller');
  assert.ok(await scroller.evaluate((region) => region.matches(':focus-visible')));
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.querySelector('tokenflight-devtools').shadowRoot.querySelector('.scroller').scrollTop > 0);
  await page.keyboard.press('Escape');
  assert.equal(await isOpen(), false);
  assert.equal(await focused(page), 'tokenflight', 'the focus is where it can be opened again');
  assert.equal(await page.locator('tokenflight-devtools [role=status]:visible').count(), 0, 'closed, it says nothing');
});

/** Resolves with axe-core's findings in the page as it is. */
async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 320]) {
    test(`axe finds nothing in the devtools, and everything fits: ${width} px, ${colorScheme}`, async (t) => {
      const stage = await mounted(t, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
      const { page, violations } = stage;
      const other = await tabBeside(stage, mount);
      await expire(stage);
      await Promise.all([page, other].map((tab) => tab.evaluate(() => app.call(3))));
      await newest(page);
      await page.locator('tokenflight-devtools summary').click();
      assert.deepEqual(await findings(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page');
      assert.ok(await page.locator('tokenflight-devtools .scroller').evaluate((box) => box.scrollWidth <= box.clientWidth), 'the time line');
      await page.keyboard.press('Escape');
      assert.deepEqual(await findings(page), [], 'closed');
      assert.deepEqual(violations, [], 'nothing of it needs more than the policy allows');
    });
  }
}

/** How many observe the session. */
const observers = (page) => page.evaluate(() => app.api.fetch[Symbol.for('tokenflight.observed')][1].size);

test('unmounted, it leaves nothing behind, and the api goes on', async (t) => {
  const stage = await mounted(t);
  const { page } = stage;
  const listener = await tabBeside(stage, (other) => other.evaluate((name) => {
    app.heard = [];
    new BroadcastChannel(name).onmessage = ({ data }) => { app.heard.push(data.event.type); };
  }, CHANNEL));
  assert.equal(await observers(page), 1);
  await page.evaluate(() => app.unmount());
  assert.equal(await page.locator('tokenflight-devtools').count(), 0);
  assert.equal(await observers(page), 0);
  assert.deepEqual(await page.evaluate(() => app.call(1).then(([{ value }]) => value.status)), 200);
  assert.deepEqual(await listener.evaluate(() => app.heard), ['left']);

  // As React's StrictMode does it, and with a call under way.
  await page.evaluate(async () => {
    const under = app.call(1);
    app.devtools.mountDevtools(app.api)();
    app.unmount = app.devtools.mountDevtools(app.api, { open: true });
    await under;
    await app.call(2);
  });
  assert.equal(await observers(page), 1);
  assert.equal(await page.locator('tokenflight-devtools').count(), 1);
  assert.deepEqual((await newest(page)).rows, Array(2).fill('call | 0 | GET /api/ping/1 | 200'));
});

test('a call that nobody awaits is still an unhandled rejection', async (t) => {
  const { page } = await mounted(t);
  await page.evaluate(() => { app.api.fetch('/test/slow?ms=5000', { signal: AbortSignal.timeout(50) }); });
  await page.waitForFunction(() => app.rejected.length > 0);
  assert.deepEqual(await page.evaluate(() => app.rejected), ['TimeoutError']);
});

test('as an element in markup of one’s own, also when its api was set before it was defined', async (t) => {
  const { page } = await open(t);
  await signIn(page);
  await page.evaluate(() => {
    const element = document.createElement('tokenflight-devtools');
    element.api = app.api;
    element.open = true;
    document.querySelector('main').append(element);
    app.devtools.defineDevtools();
  });
  await page.evaluate(() => app.call(2));
  assert.equal((await newest(page)).calls, 2);
  assert.equal(await page.evaluate(() => document.querySelector('tokenflight-devtools').newest.text), '2 requests, no 401.');
  const { parent, position } = await page.evaluate(() => {
    app.devtools.mountDevtools(app.api, { parent: document.querySelector('#text') });
    const element = document.querySelector('#text > tokenflight-devtools');
    return { parent: element.parentElement.id, position: getComputedStyle(element).position };
  });
  assert.deepEqual([parent, position], ['text', 'static']);
});

test('anything but an api, and a parent that is no element, are one clear TypeError each', async (t) => {
  const { page } = await open(t);
  const thrown = await page.evaluate(() => {
    const { mountDevtools, defineDevtools } = app.devtools;
    defineDevtools();
    const tries = [
      ...[undefined, null, {}, fetch, app.createApi].map((api) => () => mountDevtools(api)),
      () => mountDevtools(app.api, { parent: '#app' }),
      () => { document.createElement('tokenflight-devtools').api = {}; },
    ];
    return [...new Set(tries.map((act) => {
      try {
        return act();
      } catch (error) {
        return String(error);
      }
    }))];
  });
  assert.deepEqual(thrown, [
    'TypeError: mountDevtools: expected the api that createApi of this release has returned.',
    'TypeError: mountDevtools: `parent` must be an element.',
    'TypeError: <tokenflight-devtools>.api: expected the api that createApi of this release has returned.',
  ]);
  assert.equal(await page.locator('tokenflight-devtools').count(), 0);
});

for (const file of ['devtools.js', 'devtools.cjs']) {
  test(`on a server it can be imported, and mountDevtools throws one clear error: ${file}`, async () => {
    const { mountDevtools } = file.endsWith('cjs') ? require(`../../dist/${file}`) : await import(`../../dist/${file}`);
    const { createApi } = await import('../../dist/index.js');
    assert.throws(() => mountDevtools(createApi()), {
      name: 'Error', message: 'mountDevtools: there is no page on a server. Call it in the browser only, as in an effect.',
    });
  });
}
