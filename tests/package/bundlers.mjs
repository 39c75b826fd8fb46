// Bundlers: the app goes in, what comes out is served by the demo's server under its strict policy.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { app, html, slim, UNUSED, WRITES } from './app.mjs';
import { assertEmptyOf, assertQuiet, modulesIn } from './output.mjs';

const VITE_SLIM = slim('url', "import url from 'tokenflight/tokenflight.wasm?url';");
const WEBPACK_SLIM = slim("new URL('tokenflight/tokenflight.wasm', import.meta.url)");
const PAGE = 'type="module" src="./main.js"';
const WEBPACK = 'webpack build ./main.js --mode production --output-path dist';

/** `page`: the bundler takes a page rather than a script. */
const BUNDLERS = [
  { name: 'Vite build', of: 'vite', fast: true, page: true, command: 'vite build' },
  { name: 'Vite build, slim', of: 'vite', page: true, command: 'vite build', writes: VITE_SLIM },
  { name: 'esbuild', of: 'esbuild', fast: true, command: 'esbuild main.js --bundle --minify --outfile=dist/main.js' },
  { name: 'Rollup', of: 'rollup', command: 'rollup main.js --plugin node-resolve --file dist/main.js' },
  // It warns of whatever is larger than 244 KiB. How large the package may be is a question of its own.
  { name: 'webpack', of: 'webpack', command: `${WEBPACK} --no-performance` },
  { name: 'webpack, slim', of: 'webpack', command: WEBPACK, writes: WEBPACK_SLIM },
  { name: 'Parcel', of: 'parcel', page: true, command: 'parcel build index.html --no-cache --cache-dir .parcel-cache' },
].map((bundler) => ({ writes: WRITES.import, ...bundler }));

const viteDev = { name: 'Vite dev', of: 'vite', writes: WRITES.import, play: playServed };

export const bundlers = [
  viteDev,
  ...BUNDLERS.map((bundler) => ({ ...bundler, play: (fixture) => playBuilt(fixture, bundler) })),
];

async function playBuilt(fixture, { command, page, writes }) {
  const out = join(fixture.folder, 'dist');
  const build = async (source) => {
    rmSync(out, { recursive: true, force: true });
    fixture.write({ 'main.js': source, ...(page && { 'index.html': html(PAGE) }) });
    assertQuiet(await fixture.run(command));
    if (!page) writeFileSync(join(out, 'index.html'), html('src="/main.js"'));
  };
  await build(UNUSED);
  assertEmptyOf(out);
  await build(app(writes));
  assert.deepEqual(modulesIn(out), writes === WRITES.import ? { inlined: 1, files: 0 } : { inlined: 0, files: 1 });
  await fixture.play(await fixture.shop(out));
}

async function playServed(fixture) {
  fixture.write({ 'index.html': html(PAGE), 'main.js': app() });
  const baseURL = `${await fixture.shop()}/api`;
  const { url, text } = await fixture.serve((port) => `vite --host 127.0.0.1 --strictPort --port ${port}`);
  await fixture.play(url, { baseURL });
  assertQuiet(text());
}
