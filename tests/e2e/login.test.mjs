// The way to the login page, and what a page's URLs are resolved against, in real pages (rules 1.7, 2.2 and 4.1).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import fastify from 'fastify';

import { launchBrowser } from './shop.mjs';

const ENTRY = readFileSync(join(import.meta.dirname, '..', '..', 'dist', 'index.js'));

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** A page that asks for something as soon as it is loaded, and is refused; the scripts run before that. */
const asking = (options = {}, before = '', created = '') => `<!doctype html><title>page</title><script type="module">
import { createApi } from '/index.js';
${before}
globalThis.api = createApi(${JSON.stringify(options)});
${created}
globalThis.asked = api.fetch(origin + '/api/orders').catch((error) => error.code);
</script>`;

const html = (reply, text) => reply.type('text/html').send(text);

/** A server whose sessions are all over. `add` adds its pages; `loads` are the paths of the pages that were asked for. */
async function startServer(t, add) {
  const app = fastify({ forceCloseConnections: true });
  const loads = [];
  const posts = [];
  app.addHook('onRequest', async ({ url, headers }) => { if (headers['sec-fetch-dest'] === 'document') loads.push(url); });
  app.get('/index.js', (_request, reply) => reply.type('text/javascript').send(ENTRY));
  app.get('/api/orders', (_request, reply) => reply.code(401).send({}));
  app.post('/refresh-token', ({ body }, reply) => {
    posts.push(body);
    return reply.code(401).send({});
  });
  add?.(app);
  t.after(() => app.close());
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), loads, posts };
}

async function openTab(t) {
  const profile = await browser.newContext();
  t.after(() => profile.close());
  return profile.newPage();
}

/** Waits until no page has been loaded for a while, and says where the tab is. */
async function atRest(page, loads) {
  for (let before = -1; loads.length !== before && loads.length < 20;) {
    before = loads.length;
    await new Promise((resolve) => { setTimeout(resolve, 700); });
  }
  const { pathname, search, hash } = new URL(page.url());
  return pathname + search + hash;
}

const LEADS = {
  'a redirect to /login/': (app) => {
    app.get('/login', (_request, reply) => reply.redirect('/login/'));
    app.get('/login/', (_request, reply) => html(reply, asking()));
  },
  'a redirect to /de/login': (app) => {
    app.get('/login', (_request, reply) => reply.redirect('/de/login'));
    app.get('/de/login', (_request, reply) => html(reply, asking()));
  },
  'a redirect of a site that sends no referrer': (app) => {
    app.addHook('onSend', async (_request, reply) => { reply.header('referrer-policy', 'no-referrer'); });
    app.get('/login', (_request, reply) => reply.redirect('/de/login'));
    app.get('/de/login', (_request, reply) => html(reply, asking()));
  },
  'a redirect back to the page that was left': (app) => {
    app.get('/login', (_request, reply) => reply.redirect('/orders'));
  },
  'a router': (app) => app.get('/login', (_request, reply) => (
    html(reply, asking({}, "history.replaceState(null, '', '/de/login');"))
  )),
  'a script': (app) => {
    app.get('/login', (_request, reply) => html(reply, "<script>location.replace('/de/login')</script>"));
    app.get('/de/login', (_request, reply) => html(reply, asking()));
  },
  'a redirect by another origin': (app) => {
    const there = ({ headers }) => headers.host.replace('127.0.0.1', 'localhost');
    app.get('/login', (request, reply) => reply.redirect(`http://${there(request)}/sso`));
    app.get('/sso', ({ headers }, reply) => (
      html(reply, `<script>location.replace('http://${headers.host.replace('localhost', '127.0.0.1')}/de/login')</script>`)
    ));
    app.get('/de/login', (_request, reply) => html(reply, asking()));
  },
};

for (const [name, add] of Object.entries(LEADS)) {
  test(`a page that login itself leads to, by ${name}, is not led away from again`, async (t) => {
    const { url, loads } = await startServer(t, (app) => {
      app.get('/orders', (_request, reply) => html(reply, asking()));
      add(app);
    });
    const page = await openTab(t);
    await page.goto(`${url}/orders`).catch(() => {});
    const end = await atRest(page, loads);
    assert.ok(loads.length <= 5, `it was loaded again and again: ${loads}`);
    assert.equal(loads.filter((path) => path === '/login').length, 1, `led to login once: ${loads}`);
    assert.equal(await page.evaluate(() => asked), 'SIGN_IN_REQUIRED');

    await page.reload();
    assert.equal(await atRest(page, loads), end, 'nor when it is loaded again');
    assert.ok(loads.length <= 6, `${loads}`);

    // By its URL, whoever sits there comes to another page, which leads to login as ever.
    const before = loads.filter((path) => path === '/login').length;
    await page.goto(`${url}/orders?again`).catch(() => {});
    await atRest(page, loads);
    const isSame = end.startsWith('/orders');
    assert.equal(loads.filter((path) => path === '/login').length - before, isSame ? 0 : 1, `${loads}`);
  });
}

test('a fragment route is led to from another one, within the page, with where it was', async (t) => {
  const { url, loads } = await startServer(t, (app) => app.get('/', (_request, reply) => (
    html(reply, asking({ loginURL: '/#/login', returnTo: 'next' }))
  )));
  const page = await openTab(t);
  await page.goto(`${url}/#/orders`);
  assert.equal(await atRest(page, loads), '/#/login?next=%2F%23%2Forders');
  await page.reload();
  assert.equal(await atRest(page, loads), '/#/login?next=%2F%23%2Forders');
  assert.equal(loads.length, 2);
});

test('a <base> that is inserted later leads neither the refresh token nor the page astray', async (t) => {
  const evil = await startServer(t, (app) => {
    app.options('*', (_request, reply) => reply.headers({ 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).send());
    app.get('/login', (_request, reply) => html(reply, 'evil'));
  });
  const { url, loads, posts } = await startServer(t, (app) => {
    app.get('/orders', (_request, reply) => html(reply, asking(
      {}, "localStorage.setItem('refreshToken', 'r');", `document.head.innerHTML = '<base href="${evil.url}/">';`,
    )));
    app.get('/login', (_request, reply) => html(reply, 'login'));
  });
  const page = await openTab(t);
  await page.goto(`${url}/orders`).catch(() => {});
  assert.equal(await atRest(page, loads), '/login');
  assert.ok(page.url().startsWith(url), page.url());
  assert.deepEqual(posts, [{ refreshToken: 'r' }]);
  assert.deepEqual([evil.loads, evil.posts], [[], []]);
});

test('a srcdoc frame of our origin is ours', async (t) => {
  const { url, posts } = await startServer(t, (app) => app.get('/', (_request, reply) => html(reply, '<!doctype html>')));
  const page = await openTab(t);
  await page.goto(url);
  await page.evaluate(async (text) => {
    localStorage.setItem('refreshToken', 'r');
    const frame = document.createElement('iframe');
    frame.srcdoc = text;
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    await loaded;
    await frame.contentWindow.asked;
  }, asking({ loginURL: '/#nowhere' }));
  assert.deepEqual(posts, [{ refreshToken: 'r' }]);
});

test('from the login page, and from where it has led, a request of another path leads to it', async (t) => {
  for (const leads of [false, true]) {
    const { url, loads } = await startServer(t, (app) => {
      app.get('/login', (_request, reply) => (leads ? reply.redirect('/de/login') : html(reply, asking({ returnTo: 'next' }))));
      app.get('/de/login', (_request, reply) => html(reply, asking({ returnTo: 'next' })));
      app.get('/orders', (_request, reply) => html(reply, asking({ returnTo: 'next' })));
    });
    const page = await openTab(t);
    await page.goto(`${url}/orders`).catch(() => {});
    await atRest(page, loads);
    const ask = () => page.evaluate(() => api.fetch('/api/orders').catch(({ code }) => code));
    for (let n = 0; n < 3; n += 1) assert.equal(await ask(), 'SIGN_IN_REQUIRED');
    const before = loads.length;
    assert.equal(await atRest(page, loads), leads ? '/de/login' : '/login?next=%2Forders');
    assert.equal(loads.length, before, `nothing was loaded: ${loads}`);
    await page.mouse.click(5, 5); // as who follows a link
    await page.evaluate(() => history.pushState(null, '', '/cart'));
    await ask().catch(() => {});
    await atRest(page, loads);
    assert.ok(loads.at(leads ? -2 : -1).startsWith('/login?next=%2Fcart'), `${loads}`);
    assert.equal(loads.length, before + (leads ? 2 : 1), `${loads}`);
  }
});
