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

async function bundleOf(entry) {
  const { outputFiles } = await build({
    ...entry,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    alias: { tokenflight: join(DIST, 'index.js') },
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
    ['/start/nothing.js', Buffer.from('export {};')],
    ['/start/axios.js', await bundleText("export { default } from 'axios';")],
    ['/start/hand-written.js', await bundle('candidates/handwritten.js')],
    ['/start/tokenflight.js', readFileSync(join(DIST, 'index.js'))],
    ['/start/slim.js', readFileSync(join(DIST, 'slim.js'))],
    ['/start/tokenflight.wasm', readFileSync(join(DIST, 'tokenflight.wasm'))],
  ]);
}
