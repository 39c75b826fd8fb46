// The files of docs/guards.md and docs/frameworks.md: they compile with the types of the frameworks, and the guards that
// need no build of their framework guard.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from './command.mjs';
import { filesIn } from './documents.mjs';
import { install } from './tarball.mjs';

// Where the frameworks are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

const FILES = filesIn('guards.md', 'frameworks.md');

// Where each guard sends somebody who is not signed in, and somebody who is.
const PROBE = `
import '@angular/compiler';
import { createEnvironmentInjector, runInInjectionContext } from '@angular/core';
import { Router } from '@angular/router';
import { createMemoryRouter } from 'react-router';
import { createMemoryHistory, createRouter } from 'vue-router';
import { requireSession as inReact } from './react-router';
import { requireSession as inVue } from './vue-router';
import { load } from './layout';
import { handle } from './hooks.server';
import { proxy } from './proxy';
import { requireSession as inAngular } from './require-session';
import { injectSession } from './inject-session';
import { NextRequest } from 'next/server.js';
import { pathAfterLogin } from './next';
import { api } from './api';

const PATH = '/orders?page=2';
const url = new URL(PATH, 'http://localhost');

async function throughReact() {
  const routes = [{ path: '/login', element: null }, { middleware: [inReact], children: [{ path: '/orders', element: null }] }];
  const router = createMemoryRouter(routes, { initialEntries: ['/login'] });
  await router.navigate(PATH);
  return router.state.location.pathname + router.state.location.search;
}

async function throughVue() {
  const component = { render: () => null };
  const routes = [{ path: '/login', component, meta: { isPublic: true } }, { path: '/orders', component }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  router.beforeEach(inVue);
  await router.push(PATH);
  return router.currentRoute.value.fullPath;
}

const thrown = async (act) => {
  try {
    return await act() ?? PATH;
  } catch (redirect) {
    return redirect.location;
  }
};
const throughLoad = () => thrown(() => load({ url }));
const throughHandle = (cookie) => thrown(() => handle({ event: { url, cookies: { get: () => cookie } }, resolve: () => PATH }));
const throughProxy = (cookie) => {
  const answer = proxy(new NextRequest(url, { headers: cookie ? { cookie: 'refresh_token=' + cookie } : {} }));
  const location = answer.headers.get('Location');
  return location ? location.replace('http://localhost', '') : PATH;
};
// As Angular's router has it, which would want a document.
const createUrlTree = ([path], { queryParams }) => path + '?' + new URLSearchParams(queryParams);
const injector = createEnvironmentInjector([{ provide: Router, useValue: { createUrlTree } }], null);
const throughAngular = () => {
  const answer = runInInjectionContext(injector, () => inAngular({}, { url: PATH }));
  return answer === true ? PATH : answer;
};
const all = async (cookie) => [
  await throughReact(), await throughVue(), throughAngular(), await throughLoad(), await throughHandle(cookie), throughProxy(cookie),
];

const signal = runInInjectionContext(injector, injectSession);
const seen = { out: await all(), next: {}, signal: [signal().status] };
await api.signIn({ accessToken: 'token', refreshToken: 'refresh' });
seen.in = await all('refresh');
seen.signal.push(signal().status);
injector.destroy();
await api.signOut();
await new Promise((resolve) => { setTimeout(resolve); });
seen.signal.push(signal().status);
for (const next of [PATH, '//evil.example', '/\\\\evil.example', 'https://evil.example', '/\\t/evil.example', '']) {
  seen.next[next] = pathAfterLogin(String(new URLSearchParams({ next })));
}
process.stdout.write(JSON.stringify(seen));
`;

describe('docs/guards.md and docs/frameworks.md', { skip }, () => {
  let folder;

  after(() => { if (folder) rmSync(folder, { recursive: true, force: true }); });
  before(() => {
    folder = install('framework guards');
    for (const [name, code] of Object.entries(FILES)) writeFileSync(join(folder, name), code);
  });

  test('its files compile', async () => {
    assert.ok(Object.keys(FILES).length > 8);
    const compilerOptions = {
      // The frameworks' own declarations are not ours to check.
      strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'], types: [], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx',
      experimentalDecorators: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(FILES) }));
    await run('tsc --project .', { cwd: folder });
  });

  test('its guards turn away whoever is not signed in, and bring the way back along', async () => {
    writeFileSync(join(folder, 'probe.ts'), PROBE);
    // Next.js itself adds the ending that Node wants.
    await run('esbuild probe.ts --bundle --format=esm --platform=node --packages=external --outfile=probe.mjs '
      + '--alias:next/server=next/server.js', { cwd: folder });
    const seen = JSON.parse(await run('node probe.mjs', { cwd: folder }));
    const inQuery = '/login?next=%2Forders%3Fpage%3D2';
    assert.deepEqual(seen.out.map((place) => decodeURIComponent(place)), Array(6).fill(decodeURIComponent(inQuery)));
    assert.deepEqual(seen.in, Array(6).fill('/orders?page=2'));
    // Once its injector is gone, the signal hears of nothing.
    assert.deepEqual(seen.signal, ['signedOut', 'signedIn', 'signedIn']);
    assert.deepEqual(Object.values(seen.next), ['/orders?page=2', '/', '/', '/', '/', '/']);
  });
});
