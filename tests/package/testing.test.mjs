// tokenflight/testing: the files of docs/testing.md as they stand there, under each test runner and environment.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { root } from '../../scripts/places.mjs';
import { launchBrowser } from '../e2e/shop.mjs';
import { run } from './command.mjs';
import { Fixture } from './fixture.mjs';
import { install } from './tarball.mjs';

// Where the test runners are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm run test:package';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

const DOCUMENT = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');
/** The files of the page, by the names that their first lines give. */
const FILES = Object.fromEntries(
  [...DOCUMENT.matchAll(/^```js\n\/\/ ([\w.-]+)\n(.*?)^```$/gms)].map(([, name, code]) => [name, code]),
);

/** The files that a runner takes, and how many tests they hold. */
function filesFor(...endings) {
  const taken = Object.entries(FILES).filter(([name]) => endings.some((ending) => name.endsWith(ending)));
  return Object.fromEntries(taken);
}

// What else has to hold, and would need too many words in a document.
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
  files: { ...filesFor('.js'), 'again.test.js': AGAIN },
});
const jest = (config) => ({
  command: 'jest --testTimeout 3000', files: { ...filesFor('.cjs'), 'jest.config.cjs': config },
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
