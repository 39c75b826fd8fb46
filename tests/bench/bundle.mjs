// The bundles that the pages load, and those by which a candidate is weighed: all made in the same way.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

import { root } from '../../scripts/places.mjs';

const HERE = import.meta.dirname;
export const DIST = join(root, 'dist');

/** A module of this folder with all that it imports, as one minified module. */
export const bundle = (path) => bundleOf({ entryPoints: [join(HERE, path)] });

/** The same for a source that is no file. */
export const bundleText = (contents) => bundleOf({ stdin: { contents, resolveDir: HERE } });

/** The same as a classic script, whose compiled code Chromium keeps; that of modules it does not. */
const classicScript = (contents) => bundleOf({ stdin: { contents, resolveDir: HERE }, format: 'iife' });

async function bundleOf(entry) {
  const { outputFiles } = await build({
    format: 'esm',
    ...entry,
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    alias: { 'tokenflight/slim': join(DIST, 'slim.js'), tokenflight: join(DIST, 'index.js') },
  });
  return Buffer.from(outputFiles[0].contents);
}

const html = (script) => Buffer.from(`<!doctype html><meta charset="utf-8"><title>bench</title>
<link rel="icon" href="data:,">${script ? `<script type="module" src="${script}"></script>` : ''}`);

/** Everything that is served, by path. */
export async function files() {
  return new Map([
    ['/bench.html', html('/bench.js')],
    ['/bench.js', await bundle('page/main.js')],
    ['/tab.html', html('/tab.js')],
    ['/tab.js', await bundle('page/tab.js')],
    ['/start.html', html(null)],
    ['/start/nothing.js', Buffer.from('')],
    ['/start/axios.js', await classicScript("import axios from 'axios'; globalThis.client = axios.create();")],
    ['/start/hand-written.js', await classicScript(
      "import { create } from './candidates/handwritten.js'; globalThis.client = create({ fetch });",
    )],
    ['/start/tokenflight.js', await classicScript("import { createApi } from 'tokenflight'; createApi();")],
    ['/start/slim.js', await classicScript(`import { createApi, init } from 'tokenflight/slim';
      globalThis.ready = init('/start/tokenflight.wasm').then(() => createApi());`)],
    ['/start/tokenflight.wasm', readFileSync(join(DIST, 'tokenflight.wasm'))],
  ]);
}
