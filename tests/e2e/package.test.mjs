// The package as it is published: packed, installed in a scratch folder, and used where front-ends live.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build as viteBuild, createServer as viteServe } from 'vite';

import { collectErrors, launchBrowser, scratchFolder, startShop } from './shop.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

// What an app does: sign in, lose the token, fetch, and fetch again from a fresh page.
const APP = `
import { createApi, HttpError, SignInRequiredError } from 'tokenflight';

const api = createApi({ baseURL: '/api' });
globalThis.story = async () => {
  const signedIn = await api.post('/sign-in', { user: 'ada', password: 'ada' }, { auth: false });
  await api.signIn(signedIn.data);
  await api.post('/demo/expire', { sid: signedIn.data.sid });
  const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => api.fetch('/ping/' + n)));
  const missing = await api.get('/missing').catch((error) => error);
  return {
    sid: signedIn.data.sid,
    statuses: answers.map((response) => response instanceof Response && response.status),
    isHttpError: missing instanceof HttpError && missing.status === 404,
    isError: new SignInRequiredError() instanceof Error,
  };
};
`;

const PAGE = '<!doctype html><meta charset="utf-8"><title>app</title><script type="module" src="/main.js"></script>';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** A folder with the packed package installed, as `npm install` does it. */
function install(t) {
  const folder = scratchFolder(t);
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  }));
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--offline', join(folder, packed.filename)], {
    cwd: folder, stdio: 'ignore',
  });
  return { folder, files: packed.files.map(({ path }) => path).sort() };
}

/** Opens the app and plays the story in it. */
async function play(t, shop, url = shop.url) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors = collectErrors(page);
  await page.goto(`${url}/`);
  await page.waitForFunction(() => typeof story === 'function');
  const { sid, ...seen } = await page.evaluate(() => story());
  assert.deepEqual(seen, { statuses: [200, 200, 200, 200, 200], isHttpError: true, isError: true });
  assert.equal((await shop.record(sid)).refreshes, 1);
  assert.deepEqual(errors, []);
}

test('the tarball holds what a user needs and nothing else', (t) => {
  const { files } = install(t);
  assert.deepEqual(files, [
    'CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/index.d.ts', 'dist/index.js', 'package.json',
  ]);
});

test('it works in an app that Vite has built', async (t) => {
  const { folder } = install(t);
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'main.js'), APP);
  await viteBuild({ root: folder, logLevel: 'error', configFile: false });
  const shop = await startShop({ page: join(folder, 'dist') });
  t.after(() => shop.close());
  await play(t, shop);
});

test('it works in an app that Vite serves while it is being written', async (t) => {
  const { folder } = install(t);
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'main.js'), APP);
  const shop = await startShop();
  t.after(() => shop.close());
  const vite = await viteServe({
    root: folder, logLevel: 'error', configFile: false,
    server: { host: '127.0.0.1', port: 0, proxy: { '/api': shop.url } },
  });
  t.after(() => vite.close());
  await vite.listen();
  await play(t, shop, `http://127.0.0.1:${vite.httpServer.address().port}`);
});

test('it works in a plain module script, without a bundler', async (t) => {
  const { folder } = install(t);
  mkdirSync(join(folder, 'page'));
  symlinkSync(join(folder, 'node_modules', 'tokenflight', 'dist'), join(folder, 'page', 'tokenflight'));
  writeFileSync(join(folder, 'page', 'index.html'), PAGE);
  writeFileSync(join(folder, 'page', 'main.js'), APP.replace("'tokenflight'", "'/tokenflight/index.js'"));
  const shop = await startShop({ page: join(folder, 'page') });
  t.after(() => shop.close());
  await play(t, shop);
});

test('it works in Node, without any global of a browser', async (t) => {
  const { folder } = install(t);
  const shop = await startShop();
  t.after(() => shop.close());
  const app = APP.replace("baseURL: '/api'", `baseURL: ${JSON.stringify(`${shop.url}/api`)}`);
  writeFileSync(join(folder, 'main.js'), `${app}\nconsole.log(JSON.stringify(await story()));\n`);
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], { cwd: folder });
  const { sid, ...seen } = JSON.parse(stdout);
  assert.deepEqual(seen, { statuses: [200, 200, 200, 200, 200], isHttpError: true, isError: true });
  assert.equal((await shop.record(sid)).refreshes, 1);
});

test('importing it runs nothing', async (t) => {
  const { folder } = install(t);
  const probe = `
    WebAssembly.Module = class { constructor() { throw new Error('compiled at import'); } };
    await import('tokenflight');
    console.log('quiet');
  `;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', probe], { cwd: folder, encoding: 'utf8' }), 'quiet\n');
});

test('its types accept what works, and refuse what does not', (t) => {
  const { folder } = install(t);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], types: [] },
    files: ['good.ts', 'bad.ts'],
  }));
  writeFileSync(join(folder, 'good.ts'), GOOD_TYPES);
  writeFileSync(join(folder, 'bad.ts'), BAD_TYPES);
  try {
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

const GOOD_TYPES = `
import { createApi, type ApiError, type ApiOptions } from 'tokenflight';
const options: ApiOptions = { storage: { get: () => null, set: async () => {}, remove() {} }, refresh: async ({ refreshToken, signal, fetch }) => {
  const response = await fetch('/x', { signal, body: refreshToken });
  return response.json();
} };
const api = createApi(options);
const asFetch: typeof fetch = api.fetch;
const orders: Promise<{ id: string }[]> = api.get<{ id: string }[]>('/orders').then(({ data }) => data);
const off: () => void = api.on('signedOut', ({ reason }) => reason === 'refused');
function narrow(error: ApiError): number {
  switch (error.code) {
    case 'REFRESH_UNAVAILABLE': return error.retryAfter;
    case 'HTTP_ERROR': return error.status;
    default: return 0;
  }
}
`;

const BAD_TYPES = `
import { createApi } from 'tokenflight';
// @ts-expect-error a name that does not exist
createApi({ acessTokenKey: 'x' });
// @ts-expect-error a time is a number of milliseconds
createApi({ timeout: '5s' });
const api = createApi();
// @ts-expect-error no such event
api.on('refreshed', () => {});
// @ts-expect-error a response has no such status
api.get('/x').then((response) => response.statusCode);
// @ts-expect-error a session begins with tokens as strings
api.signIn({ accessToken: 5 });
`;
