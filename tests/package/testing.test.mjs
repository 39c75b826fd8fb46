// tokenflight/testing: the files of docs/testing.md as they stand there, under each test runner and environment.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { root } from '../../scripts/places.mjs';
import { launchBrowser } from '../e2e/shop.mjs';
import { html } from './app.mjs';
import { run } from './command.mjs';
import { Fixture } from './fixture.mjs';
import { modulesIn } from './output.mjs';
import { install } from './tarball.mjs';

// Where the test runners are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

const DOCUMENT = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');
/** The files of the page, by the names that their first lines give. */
const FILES = Object.fromEntries(
  [...DOCUMENT.matchAll(/^```jsx?\n\/\/ ([\w./-]+)\n(.*?)^```$/gms)].map(([, name, code]) => [name, code]),
);

/** The files whose names match. */
const filesFor = (names) => Object.fromEntries(Object.entries(FILES).filter(([name]) => names.test(name)));

// Further assertions, which would need too many words in a document.
const AGAIN = `
import { expect, test, vi } from 'vitest';
import { resetSessions } from 'tokenflight/testing';
import { createApi } from 'tokenflight';
import { api } from './api.js';

const tokens = { accessToken: 'fixture', refreshToken: 'fixture-refresh' };

/** A server of the test's own: it knows one new token. */
function serve() {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    if (url.endsWith('/refresh-token')) return Response.json({ accessToken: 'newer', refreshToken: 'newer-refresh' });
    const isNew = new Headers(init.headers).get('Authorization') === 'Bearer newer';
    return Response.json({}, { status: isNew ? 200 : 401 });
  });
}

const inMemory = createApi({ baseURL: 'http://localhost:3000', storage: 'memory', onSignedOut() {} });
for (const [name, client] of Object.entries({ stored: api, inMemory })) {
  test.each([1, 2, 3])(\`a fixture token is good in each test: \${name} %i\`, async () => {
    const fetch = serve();
    await client.signIn(tokens);
    await client.get('/orders');
    expect(fetch).toHaveBeenCalledTimes(3);
  });
}

test('a client that is made in the test has nothing of the last one', async () => {
  const fetch = serve();
  const own = createApi({ baseURL: 'http://localhost:3000', onSignedOut() {} });
  expect(own.session.status).toBe('signedOut');
  await own.signIn(tokens);
  await own.get('/orders');
  expect(fetch).toHaveBeenCalledTimes(3);
});

test('whoever waits is told, and the next refresh waits for nobody', async () => {
  let fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => (
    url.endsWith('/refresh-token') ? new Promise(() => {}) : new Response(null, { status: 401 })
  ));
  await api.signIn(tokens);
  const waiting = api.get('/orders').catch(({ name }) => name);
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  await resetSessions();
  expect(await waiting).toBe('AbortError');
  expect(api.session.status).toBe('signedOut');

  fetch.mockRestore();
  fetch = serve();
  await api.signIn(tokens);
  await api.get('/orders');
  expect(fetch).toHaveBeenCalledTimes(3);
});

test('subscribers stay, and hear that nobody is signed in', async () => {
  const heard = [];
  const leave = api.subscribe(({ status }) => heard.push(status));
  await api.signIn(tokens);
  await resetSessions();
  await api.signIn(tokens);
  await Promise.resolve();
  leave();
  expect(heard).toEqual(['signedIn', 'signedOut', 'signedIn']);
});
`;

const JEST_JSDOM = "module.exports = { testEnvironment: 'jest-fixed-jsdom', cacheDirectory: './.jest' };\n";
const JEST_NODE = "module.exports = { testEnvironment: 'node', cacheDirectory: './.jest' };\n";
const vitest = (environment) => ({
  release: 22,
  // A test that waits for what is remembered of the last one takes 12 s.
  command: `vitest run --environment ${environment} --testTimeout 3000`,
  files: { ...filesFor(/^[^/]+\.js$/), 'again.test.js': AGAIN },
});
const jest = (config) => ({
  command: 'jest --testTimeout 3000', files: { ...filesFor(/\.cjs$/), 'jest.config.cjs': config },
});

const RUNNERS = {
  'Vitest, node': vitest('node'),
  'Vitest, jsdom': vitest('jsdom'),
  'Vitest, happy-dom': vitest('happy-dom'),
  'Jest, node': jest(JEST_NODE),
  'Jest, jsdom': jest(JEST_JSDOM),
};

describe('docs/testing.md', { concurrency: 2, skip }, () => {
  for (const [name, { release, command, files }] of Object.entries(RUNNERS)) {
    test(`its tests pass under ${name}`, { timeout: 120_000 }, async (t) => {
      const fixture = new Fixture({ name: `testing ${name}`, release }, browser);
      t.after(() => fixture.close({ keep: false }));
      fixture.write(files);
      const log = await fixture.run(command);
      const written = Object.values(files).join('').match(/^ *test(\.each)?\(/gm).length;
      const [, passed] = /Tests:? +(\d+) passed/.exec(log);
      assert.ok(Number(passed) >= written, `${passed} of ${written} tests were run:\n${log}`);
      assert.doesNotMatch(log, /skipped|todo|warn/i);
    });
  }
});

const STORYBOOK = `export default {
  stories: ['../*.stories.jsx'], framework: '@storybook/react-vite', core: { disableTelemetry: true },
};
`;

test('its stories show who is signed in, in Storybook', { timeout: 120_000, skip }, async (t) => {
  const fixture = new Fixture({ name: 'testing Storybook', release: 22 }, browser);
  t.after(() => fixture.close({ keep: false }));
  fixture.write({ ...filesFor(/^api\.js$|greeting|\.storybook/), '.storybook/main.js': STORYBOOK });
  await fixture.run('storybook build --quiet --output-dir dist');
  const { url } = await fixture.serve((port) => `vite preview --host 127.0.0.1 --strictPort --port ${port}`);
  for (const [story, text] of [['signed-in', 'Hello, ada'], ['signed-out', 'Sign in'], ['signed-in', 'Hello, ada']]) {
    const { page, complaints } = await fixture.open(`${url}/iframe.html?viewMode=story&id=greeting--${story}`);
    await page.waitForFunction((wanted) => document.querySelector('#storybook-root')?.textContent === wanted, text)
      .catch(async (error) => assert.fail([error.message, await page.content(), ...complaints].join('\n')));
    assert.deepEqual(complaints, []);
  }
});

// An app whose tests run in the page itself, as Storybook's and Vitest's browser mode do.
const IN_PAGE = `
import { createApi } from 'tokenflight';
import { createTokenServer, resetSessions } from 'tokenflight/testing';

Object.assign(globalThis, { createApi, createTokenServer, resetSessions, api: createApi({ baseURL: '/api' }) });
`;

async function inPage(t) {
  const fixture = new Fixture({ name: t.name }, browser);
  t.after(() => fixture.close({ keep: false }));
  fixture.write({ 'main.js': IN_PAGE, 'dist/index.html': html('src="/main.js"') });
  await fixture.run('esbuild main.js --bundle --minify --outfile=dist/main.js');
  const dist = join(fixture.folder, 'dist');
  assert.deepEqual(modulesIn(dist), { inlined: 1, files: 0 }, 'the app and its tests have the same copy');
  return { fixture, url: await fixture.shop(dist) };
}

test('resetSessions forgets what a browser keeps', { timeout: 60_000 }, async (t) => {
  const { fixture, url } = await inPage(t);
  const { page, complaints } = await fixture.open(url);
  const runs = await page.evaluate(async () => {
    const tokens = { accessToken: 'fixture', refreshToken: 'fixture-refresh' };
    const play = async (path, init) => {
      if (path.endsWith('/refresh-token')) return Response.json({ accessToken: 'newer', refreshToken: 'newer-refresh' });
      return new Response(null, { status: new Headers(init.headers).get('Authorization') === 'Bearer newer' ? 204 : 401 });
    };
    const seen = [];
    for (const storage of ['local', 'local', 'session', 'session', 'memory', 'memory']) {
      const began = performance.now();
      const own = createApi({ baseURL: '/api', storage, fetch: play });
      await own.signIn(tokens);
      const { status } = await own.get('/orders');
      await resetSessions();
      const left = Object.keys({ ...localStorage }).length + (await indexedDB.databases()).length;
      seen.push({ storage, status, left, isQuick: performance.now() - began < 3000, session: own.session.status });
    }
    return seen;
  });
  for (const { storage, ...seen } of runs) {
    assert.deepEqual(seen, { status: 204, left: 0, isQuick: true, session: 'signedOut' }, storage);
  }
  assert.deepEqual(complaints, []);
});

test('resetSessions lets go of the lock and of whoever waits for a refresh', { timeout: 60_000 }, async (t) => {
  const { fixture, url } = await inPage(t);
  const { page } = await fixture.open(url);
  const seen = await page.evaluate(async () => {
    const server = createTokenServer({ delay: 3_600_000 });
    const own = createApi({ baseURL: '/api', fetch: server.fetch });
    await own.signIn(server.signIn());
    server.expire();
    const waiting = own.get('/orders').catch(({ name }) => name);
    while (server.refreshes === 0) await new Promise((resolve) => { setTimeout(resolve, 10); });
    const before = (await navigator.locks.query()).held.length;
    await resetSessions();
    const name = await waiting;
    return { name, before, after: (await navigator.locks.query()).held.length };
  });
  assert.deepEqual(seen, { name: 'AbortError', before: 1, after: 0 });
});

test('a browser that begins with signedInState is signed in', { timeout: 60_000 }, async (t) => {
  const { fixture, url } = await inPage(t);
  const answer = await fetch(`${url}/api/sign-in`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: 'ada', password: 'ada', ttl: 600 }),
  });
  const { accessToken, refreshToken } = await answer.json();
  fixture.write({ 'signed-in.js': FILES['signed-in.js'] });
  const { storageState } = await import(pathToFileURL(join(fixture.folder, 'signed-in.js')));
  const profile = await (await browser()).newContext({ storageState: storageState(url, { accessToken, refreshToken }) });
  t.after(() => profile.close());
  const page = await profile.newPage();
  await page.goto(url);
  const seen = await page.evaluate(async () => ({
    session: api.session.status, status: (await api.get('/ping/1')).status, refreshed: await api.refresh(),
  }));
  assert.deepEqual(seen, { session: 'signedIn', status: 200, refreshed: undefined });
});

test('what a test gives wrongly is named', async (t) => {
  const folder = install('testing-wrong');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'probe.mjs'), `
    import { createTokenServer, signedInState } from 'tokenflight/testing';
    const told = [
      () => createTokenServer({ expires: 5 }),
      () => createTokenServer().fail({ time: 1 }),
      () => signedInState(),
      () => signedInState({ origin: 'localhost', accessToken: 'x' }),
      () => signedInState({ origin: 'http://localhost', accessToken: 'x', token: 'y' }),
    ].map((wrong) => {
      try {
        return wrong();
      } catch (error) {
        return String(error);
      }
    });
    process.stdout.write(JSON.stringify(told));
  `);
  const told = JSON.parse(await run('node probe.mjs', { cwd: folder }));
  assert.match(told[0], /^TypeError: createTokenServer: there is no `expires`; there are .*expiresIn/);
  assert.match(told[1], /^TypeError: fail: there is no `time`; there are times, /);
  assert.match(told[2], /^TypeError: signedInState: expected \{ origin: /);
  assert.match(told[3], /^TypeError: signedInState: expected \{ origin: /);
  assert.match(told[4], /^TypeError: signedInState: there is no `token`/);
});

const PLAYED = `
import { createTokenServer } from 'tokenflight/testing';
const sent = async (server, refreshToken) => {
  const answer = await server.fetch('/refresh-token', { method: 'POST', body: JSON.stringify({ refreshToken }) });
  return { status: answer.status, ...await answer.json() };
};
const form = (refreshToken) => ({ method: 'POST', body: new URLSearchParams({ refresh_token: refreshToken }) });
const seen = {};

const strict = createTokenServer();
const first = strict.signIn({ sub: 'Zoë' });
const second = await sent(strict, first.refreshToken);
const again = await sent(strict, first.refreshToken);
seen.reuse = [second.status, again.status, again.error, strict.reuses, (await sent(strict, second.refreshToken)).status];
seen.claims = JSON.parse(Buffer.from(second.accessToken.split('.')[1], 'base64url')).sub;

const lenient = createTokenServer({ reuse: 'accept' });
const one = lenient.signIn();
seen.accept = [(await sent(lenient, one.refreshToken)).status, (await sent(lenient, one.refreshToken)).status, lenient.reuses];

const still = createTokenServer({ rotation: false });
const same = still.signIn();
seen.rotation = (await sent(still, same.refreshToken)).refreshToken === same.refreshToken;

const oauth = await (await strict.fetch('http://id.example/refresh-token', form(strict.signIn().refreshToken))).json();
seen.form = [Object.keys(oauth).sort(), oauth.token_type];

strict.fail({ times: 2, status: 0 });
seen.unreachable = await strict.fetch('/refresh-token', { method: 'POST' }).catch(({ name }) => name);
seen.handled = (await strict.handle({ request: new Request('http://localhost/refresh-token', { method: 'POST' }) })).type;
strict.fail({ times: 1, status: 429, retryAfter: 7 });
const busy = await strict.fetch('/refresh-token', { method: 'POST' });
seen.busy = [busy.status, busy.headers.get('Retry-After'), (await strict.fetch('/refresh-token', { method: 'POST' })).status];

const slow = createTokenServer({ delay: 60_000 });
seen.aborted = await slow.fetch('/refresh-token', { signal: AbortSignal.timeout(10) }).catch(({ name }) => name);
process.stdout.write(JSON.stringify(seen));
process.exit();
`;

test('a token server that is played rotates, finds reuse, fails and is slow as it is told', async (t) => {
  const folder = install('testing-played');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'probe.mjs'), PLAYED);
  assert.deepEqual(JSON.parse(await run('node probe.mjs', { cwd: folder })), {
    reuse: [200, 400, 'invalid_grant', 1, 400],
    claims: 'Zoë',
    accept: [200, 200, 1],
    rotation: true,
    form: [['access_token', 'expires_in', 'refresh_token', 'token_type'], 'Bearer'],
    unreachable: 'TypeError',
    handled: 'error',
    busy: [429, '7', 400],
    aborted: 'TimeoutError',
  });
});
