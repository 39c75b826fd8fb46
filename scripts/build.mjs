// Makes dist/, which is what the npm package holds: its entries, each a file of its own, the WebAssembly that two of
// them leave outside, and the types.

import {
  copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asScript, Explained, run } from './children.mjs';
import { isFresh } from './freshness.mjs';
import { root } from './places.mjs';
import { stdSource } from './setup/std-source.mjs';
import { setup, wasmEnv } from './setup.mjs';
import { shortenNames } from './short-names.mjs';
import { ORDINARY_STD, printSizes } from './sizes.mjs';
import { asText, bestKey } from './wasm-text.mjs';

const PKG = join(root, 'target', 'pkg');
const GLUE = join(PKG, 'tokenflight.js');
const WASM = join(PKG, 'tokenflight_bg.wasm');
const DIST = join(root, 'dist');
const SHELL = join(root, 'src', 'shell');
const MADE_OF = [
  'Cargo.toml', 'Cargo.lock', 'build.rs', 'package-lock.json', 'src',
  'scripts/build.mjs', 'scripts/short-names.mjs', 'scripts/wasm-text.mjs',
];

// In a template, Parcel loses backslashes of the text, and line ends may be changed on the way.
const PLAIN_STRINGS = { minify: true, supported: { 'template-literal': false } };

// What is published, from which file of src/npm, in which format, and in ASCII where it is read in the encoding of
// whatever page it is in. `index.js` is written last: its presence and its time say that dist/ is whole, and of which
// state of the sources.
const ENTRIES = [
  { out: 'index.global.js', from: 'index.js', format: 'iife', charset: 'ascii' },
  { out: 'index.cjs', from: 'index.js', format: 'cjs' },
  { out: 'slim.js', from: 'slim.js', format: 'esm' },
  { out: 'slim.cjs', from: 'slim.js', format: 'cjs' },
  { out: 'workerd.js', from: 'workerd.js', format: 'esm' },
  { out: 'index.js', from: 'index.js', format: 'esm' },
];

/** Builds dist/ unless nothing has changed. Needs a finished set-up. */
export async function build({ force = false } = {}) {
  const isSmall = Boolean(stdSource.found());
  if (!force && isFresh('dist/index.js', MADE_OF) && isSmall !== existsSync(ORDINARY_STD)) {
    console.log('dist/ is up to date (build anyway: npm run build -- --force)');
    return;
  }
  const began = new Date();
  await compile(isSmall);
  const texts = { ascii: await wasmText('ascii'), utf8: await wasmText('utf8') };
  const made = await Promise.all(ENTRIES.map(async (entry) => [entry.out, await bundle(entry, texts)]));
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  copyFileSync(WASM, join(DIST, 'tokenflight.wasm'));
  copyTypes();
  for (const [name, code] of made) writeFileSync(join(DIST, name), code);
  utimesSync(join(DIST, 'index.js'), began, began);
  printSizes();
}

/** `isSmall`: with a standard library that is compiled for size as well. */
async function compile(isSmall) {
  console.log('Compiling to WebAssembly (usually 2 min; 15 s when only the crate itself has changed)');
  rmSync(PKG, { recursive: true, force: true });
  await run('wasm-pack', [
    'build', '--target', 'web', '--no-pack', '--no-typescript', '--release',
    '--out-dir', 'target/pkg', '--out-name', 'tokenflight',
    '--', '--no-default-features', '--features', 'npm',
    ...(isSmall ? ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=optimize_for_size'] : []),
  ], { env: leanEnv(isSmall) });
  if (isSmall) rmSync(ORDINARY_STD, { force: true });
  else writeFileSync(ORDINARY_STD, '');
  shortenNames(WASM, GLUE, { env: wasmEnv() });
}

/** What panics and `Debug` could tell of places in the source is left out: -2 kB after gzip. With a standard library of
 *  its own a panic only traps: -3 kB. The flags for that are not stable yet. */
function leanEnv(isSmall) {
  const flags = [process.env.RUSTFLAGS, '-Zlocation-detail=none', '-Zfmt-debug=none'];
  if (isSmall) flags.push('-Zunstable-options', '-Cpanic=immediate-abort');
  return { ...wasmEnv(), RUSTC_BOOTSTRAP: '1', RUSTFLAGS: flags.filter(Boolean).join(' ') };
}

/** The module as the text that compresses best in a script of this encoding. */
async function wasmText(charset) {
  const { transform } = await import('esbuild'); // not before the set-up has installed it
  const bytes = readFileSync(WASM);
  const inScript = async (text) => (await transform(text, { ...PLAIN_STRINGS, loader: 'text', charset })).code;
  return asText(bytes, await bestKey(bytes, inScript));
}

async function bundle({ out, from, format, charset = 'utf8' }, texts) {
  const { build: esbuild } = await import('esbuild');
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: [`src/npm/${from}`],
    bundle: true,
    write: false,
    format,
    globalName: format === 'iife' ? 'tokenflight' : undefined,
    platform: 'neutral',
    target: 'es2022',
    charset,
    ...PLAIN_STRINGS,
    legalComments: 'none',
    external: ['./tokenflight.wasm'],
    alias: { 'tokenflight-glue': GLUE },
    plugins: [originals, wasmAsText(texts[charset])],
  });
  const code = outputFiles[0].text;
  if (code.includes('import.meta')) {
    throw new Explained(`dist/${out} would contain import.meta, which classic workers and some bundlers refuse.\n`
      + 'Cargo.toml needs omit-default-module-path = true for wasm-pack, and src/npm must not use it.');
  }
  return code;
}

/** wasm-bindgen copies beside its glue what Rust names of src/, and what build.rs has joined of src/shell. The modules
 *  themselves are taken: a second copy would be other classes and another state, and nothing could be left out of it. */
const originals = {
  name: 'originals',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/snippets\/tokenflight-\w+\/src\// }, ({ path }) => (
      { path: join(root, path.slice(path.indexOf('/src/'))) }
    ));
    const namespace = 'shell';
    onResolve({ filter: /\/snippets\/tokenflight-\w+\/inline\d+\.js$/ }, () => ({ path: SHELL, namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents: shellModules(), resolveDir: SHELL }));
  },
};

const shellModules = () => readdirSync(SHELL)
  .filter((name) => name.endsWith('.js'))
  .map((name) => `export * from './${name}';\n`)
  .join('');

/** The module's bytes as a string. */
const wasmAsText = (text) => ({
  name: 'wasm-as-text',
  setup({ onResolve, onLoad }) {
    const namespace = 'wasm-as-text';
    onResolve({ filter: /^tokenflight-wasm$/ }, () => ({ path: WASM, namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents: text, loader: 'text' }));
  },
});

/** A CommonJS entry needs types of its own: what is beside it would be taken for those of a module. */
function copyTypes() {
  for (const name of ['index', 'slim']) {
    const types = readFileSync(join(root, 'src', 'npm', `${name}.d.ts`), 'utf8');
    writeFileSync(join(DIST, `${name}.d.ts`), types);
    writeFileSync(join(DIST, `${name}.d.cts`), types.replaceAll("'./index.js'", "'./index.cjs'"));
  }
}

await asScript(import.meta.url, async (args) => {
  await setup();
  await build({ force: args.includes('--force') });
});
