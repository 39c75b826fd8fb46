// Frameworks: a production build and its server. The page's part plays the story in Chromium; the server's part, in a
// route and where the framework renders on the server, plays it in Node.

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { app, CROWD } from './app.mjs';
import { assertQuiet, modulesIn } from './output.mjs';

// Servers of frameworks leave out what is imported for its effects alone.
const STORY = `${app()}\nexport const { story } = globalThis;\nexport { createApi };\n`;

const NEXT = {
  name: 'Next.js',
  of: 'next',
  build: 'next build',
  start: (port) => `next start --hostname 127.0.0.1 --port ${port}`,
  client: '.next/static',
  server: '.next/server',
  // The page, what is rendered, and the route share nothing there. Nobody downloads it.
  onServer: 3,
  hasCrowd: true,
  files: {
    // An app of its own is its own root. This one finds Next.js two folders above.
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(import.meta.dirname)} } };\n`,
    'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
    'app/client.jsx': "'use client';\n\nimport './story.js';\n\nexport default () => <p>app</p>;\n",
    'app/page.jsx': "import Client from './client.jsx';\n\nexport default () => <Client />;\n",
    'app/rendered/page.jsx': `import { story } from '../story.js';

export const dynamic = 'force-dynamic';

export default async () => <pre>{JSON.stringify(await story(process.env.API))}</pre>;
`,
    'app/route/route.js': `import { crowd } from '../crowd.js';
import { createApi, story } from '../story.js';

export const GET = async ({ url }) => (
  Response.json(new URL(url).searchParams.has('crowd') ? await crowd(createApi) : await story(process.env.API))
);
export const dynamic = 'force-dynamic';
`,
    'app/crowd.js': CROWD,
    'app/story.js': STORY,
  },
};

const SVELTEKIT = {
  name: 'SvelteKit',
  of: '@sveltejs/kit',
  release: 22,
  build: 'vite build',
  start: () => 'node build',
  client: 'build/client',
  server: 'build/server',
  onServer: 1,
  files: {
    'vite.config.js': `import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';

export default { plugins: [sveltekit({ adapter: adapter() })] };
`,
    'src/app.html': `<!doctype html>
<html lang="en"><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>
`,
    'src/routes/+page.svelte': "<script>import '../story.js';</script>\n<p>app</p>\n",
    'src/routes/rendered/+page.svelte': '<script>let { data } = $props();</script>\n<pre>{data.seen}</pre>\n',
    'src/routes/rendered/+page.server.js': `import { story } from '../../story.js';

export const load = async () => ({ seen: JSON.stringify(await story(process.env.API)) });
`,
    'src/routes/route/+server.js': `import { story } from '../../story.js';

export const GET = async () => Response.json(await story(process.env.API));
`,
    'src/story.js': STORY,
  },
};

const NUXT = {
  name: 'Nuxt',
  of: 'nuxt',
  release: 22,
  build: 'nuxt build',
  start: () => 'node .output/server/index.mjs',
  client: '.output/public',
  server: '.output/server',
  onServer: 1,
  files: {
    'nuxt.config.js': "export default { compatibilityDate: '2026-01-01' };\n",
    'app/pages/index.vue': "<script setup>import '../../story.js';</script>\n<template><p>app</p></template>\n",
    'app/pages/rendered.vue': `<script setup>
import { story } from '../../story.js';
const { data } = await useAsyncData(() => story(process.env.API));
</script>
<template><pre>{{ JSON.stringify(data) }}</pre></template>
`,
    'server/routes/route.js': `import { story } from '../../story.js';

export default defineEventHandler(() => story(process.env.API));
`,
    'story.js': STORY,
  },
};

/** `onServer`: how many copies of the module the server's part has. */
export const frameworks = [NEXT, SVELTEKIT, NUXT].map((framework) => ({
  ...framework, play: (fixture) => play(fixture, framework),
}));

async function play(fixture, { files, build, start, client, server, onServer, hasCrowd }) {
  fixture.write(files);
  const API = `${await fixture.shop()}/api`;
  assertQuiet(await fixture.run(build));
  const copies = (folder) => modulesIn(join(fixture.folder, folder));
  assert.deepEqual(copies(client), { inlined: 1, files: 0 });
  assert.deepEqual(copies(server), { inlined: onServer, files: 0 });
  const { url, text } = await fixture.serve(start, { API });
  await fixture.play(url, { baseURL: API });
  for (const path of ['/rendered', '/route']) {
    const page = await (await fetch(url + path)).text();
    await fixture.judgeLog(page.replaceAll('&quot;', '"').replace(/.*?(\{"sid".*?\}).*/s, '$1'));
  }
  if (hasCrowd) assert.deepEqual(await (await fetch(`${url}/route?crowd`)).json(), []);
  assertQuiet(text());
}
