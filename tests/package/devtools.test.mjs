// tokenflight/devtools in apps that are built with Vite from the packed package: in React for development, and in no build
// for production.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { launchBrowser } from '../e2e/shop.mjs';
import { Fixture } from './fixture.mjs';
import { assertQuiet } from './output.mjs';

let launched;
const browser = () => (launched ??= launchBrowser());
after(async () => (await launched)?.close());

const COMMON = {
  'index.html': `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>app</title>
<main><h1>An app</h1><div id="app"></div></main>
<script type="module" src="./main.js"></script>
</html>
`,
  'api.js': `import { createApi } from 'tokenflight';

export const api = createApi({ baseURL: '/api', onSignedOut() {} });
globalThis.api = api;
`,
};

// As docs/devtools.md says it.
const PLAIN = {
  'main.js': `import { api } from './api.js';

if (import.meta.env.DEV) {
  void import('tokenflight/devtools').then(({ mountDevtools }) => mountDevtools(api));
}
`,
};

const REACT = {
  'main.js': "import './main.jsx';\n",
  'main.jsx': `import { StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { mountDevtools } from 'tokenflight/devtools';
import { api } from './api.js';

function App() {
  useEffect(() => mountDevtools(api), []);
  return <p>React</p>;
}

const mounted = createRoot(document.querySelector('#app'));
mounted.render(<StrictMode><App /></StrictMode>);
globalThis.unmount = () => mounted.unmount();
`,
  // React for development is larger than what Vite finds right.
  'vite.config.js': 'export default { build: { chunkSizeWarningLimit: 1000 } };\n',
};

async function built(t, files, mode) {
  const fixture = new Fixture({ name: t.name }, browser);
  t.after(() => fixture.close({ keep: false }));
  fixture.write({ ...COMMON, ...files });
  assertQuiet(await fixture.run(`vite build --mode ${mode}`, { NODE_ENV: mode }));
  return fixture;
}

/** The files of a build that hold something of the devtools. */
function holding({ folder }) {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.filter(({ parentPath, path, name }) => readFileSync(join(parentPath ?? path, name), 'utf8').includes('tokenflight-devtools'));
}

/** Calls on an expired token. */
const use = ({ page }) => page.evaluate(async () => {
  const { data } = await api.post('/sign-in', { user: 'ada', password: 'ada', ttl: 600 }, { auth: false });
  await api.signIn(data);
  await api.post('/test/expire', { sid: data.sid }, { auth: false });
  await new Promise((resolve) => { setTimeout(resolve, 400); });
  await Promise.all([1, 2, 3].map((n) => api.get(`/ping/${n}`)));
});

async function seeBurst({ page }) {
  await page.locator('tokenflight-devtools').getByRole('button', { name: 'tokenflight' }).click();
  const results = page.locator('tokenflight-devtools .burst .result', { hasText: 'replay' });
  assert.equal(await results.textContent(), '3 requests met an expired token. One refresh, 3 replays, nothing lost.');
}

describe('devtools', { concurrency: 2 }, () => {
  test('a build for production has nothing of the devtools in it', { timeout: 120_000 }, async (t) => {
    const fixture = await built(t, PLAIN, 'production');
    assert.deepEqual(holding(fixture), []);
    const tab = await fixture.open(await fixture.shop(join(fixture.folder, 'dist')));
    await tab.page.waitForFunction(() => globalThis.api);
    await use(tab);
    assert.equal(await tab.page.locator('tokenflight-devtools').count(), 0);
    assert.deepEqual(tab.complaints, []);
  });

  test('a build for development has them, as a file of their own', { timeout: 120_000 }, async (t) => {
    const fixture = await built(t, PLAIN, 'development');
    assert.deepEqual(holding(fixture).map(({ name }) => name.replace(/-.*/, '')), ['devtools']);
    const tab = await fixture.open(await fixture.shop(join(fixture.folder, 'dist')));
    await tab.page.locator('tokenflight-devtools').waitFor();
    await use(tab);
    await seeBurst(tab);
    assert.deepEqual(tab.complaints, []);
  });

  // Where React is that only the whole run has.
  const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

  test('in React, StrictMode, an effect mounts the devtools once and removes them', { skip, timeout: 120_000 }, async (t) => {
    const fixture = await built(t, REACT, 'development');
    const tab = await fixture.open(await fixture.shop(join(fixture.folder, 'dist')));
    await tab.page.locator('tokenflight-devtools').waitFor();
    assert.equal(await tab.page.locator('tokenflight-devtools').count(), 1);
    await use(tab);
    await seeBurst(tab);
    await tab.page.evaluate(() => unmount());
    assert.equal(await tab.page.locator('tokenflight-devtools').count(), 0);
    assert.deepEqual(tab.complaints, []);
  });
});
