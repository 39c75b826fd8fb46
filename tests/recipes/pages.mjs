// Makes a page for each recipe, out of the documentation's recipes and the package as npm would publish it.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { createClient } from '@hey-api/openapi-ts';
import { build } from 'esbuild';

import { Explained } from '../../scripts/children.mjs';
import { root } from '../../scripts/places.mjs';
import { packInto, unpackInto } from '../package/tarball.mjs';
import { CLIENTS } from './clients.mjs';
import { recipesIn } from './documents.mjs';

const HERE = import.meta.dirname;
// Inside this folder: from there, the clients are found.
const SCRATCH = join(HERE, 'scratch');
const SOURCES = join(SCRATCH, 'src');

/** Those of docs/recipes.md, each with a driver. */
const SITUATIONS = ['step-up', 'sliding-session', 'sign-in-again', 'opaque-401', 'files', 'upload'];

/** The pages' folder. */
export const PAGES = join(SCRATCH, 'pages');

/** Checks the types of all recipes, and builds a page for each driver. */
export async function makePages() {
  const names = [...Object.keys(CLIENTS), 'graphql-errors', 'socket', 'events', ...SITUATIONS];
  rmSync(SCRATCH, { recursive: true, force: true });
  mkdirSync(SCRATCH);
  // As npm would publish it. Packed in this folder: tests/package clears its own, at any time.
  unpackInto(SCRATCH, packInto(SCRATCH).file);
  writeRecipes();
  await generateClient();
  const servers = writeServerRecipes();
  checkTypes();
  await bundle([
    ...names.map((name) => ({ in: `drivers/${name}.ts`, out: name })),
    ...servers.map((name) => ({ in: `scratch/src/servers/${name}.page.ts`, out: `servers/${name}` })),
    { in: join(SOURCES, 'service-worker.ts'), out: 'service-worker' },
  ]);
  for (const name of [...names, ...servers.map((name) => `servers/${name}`)]) {
    writeFileSync(join(PAGES, `${name}.html`), html(basename(name)));
  }
}

/** A recipe is written as it stands, beside the modules of an app that it imports. */
function writeRecipes() {
  cpSync(join(HERE, 'app'), SOURCES, { recursive: true });
  for (const file of ['clients.md', 'live.md', 'recipes.md']) {
    for (const [name, code] of recipesIn(join(root, 'docs', file))) writeFileSync(join(SOURCES, `${name}.ts`), code);
  }
}

/** Generates hey-api's client from the API's description. It imports the recipe. */
const generateClient = () => createClient({
  input: join(SOURCES, 'openapi.json'),
  output: join(SOURCES, 'client'),
  logs: { level: 'silent' },
  plugins: [{ name: '@hey-api/client-fetch', runtimeConfigPath: '../hey-api' }, '@hey-api/sdk', '@hey-api/typescript'],
});

/** The recipes for servers have one driver, and so a page's module each. Returns their names. */
function writeServerRecipes() {
  const folder = join(SOURCES, 'servers');
  mkdirSync(folder);
  const recipes = [...recipesIn(join(root, 'docs', 'server-recipes.md'))];
  for (const [name, code] of recipes) writeFileSync(join(folder, `${name}.ts`), code);
  const names = recipes.filter(([, code]) => code.includes('export const api')).map(([name]) => name);
  for (const name of names) {
    writeFileSync(join(folder, `${name}.page.ts`), `import * as recipe from './${name}';
import { serverStory } from '../../../drivers/server';
export const story = serverStory(recipe);
`);
  }
  return names;
}

function checkTypes() {
  try {
    for (const project of ['tsconfig.json', 'tsconfig.worker.json']) {
      execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['--project', join(HERE, project)], { encoding: 'utf8' });
    }
  } catch ({ stdout }) {
    throw new Explained(`The recipes have wrong types:\n${stdout}`);
  }
}

async function bundle(entryPoints) {
  await build({
    absWorkingDir: HERE,
    entryPoints,
    outdir: PAGES,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': '"production"',
      'import.meta.env.VITE_SUPABASE_URL': 'window.env.api',
      'import.meta.env.VITE_SUPABASE_KEY': '"sb_publishable_key"',
      'import.meta.env.VITE_API_URL': 'window.env.api',
      'import.meta.env.VITE_ISSUER': 'window.env.issuer',
      'import.meta.env.VITE_CLIENT_ID': 'window.env.clientId',
    },
  });
}

const html = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title>
<script type="module">
  import { story } from './${name}.js';
  window.story = story;
</script>
`;
