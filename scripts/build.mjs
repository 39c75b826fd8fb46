// Makes dist/, which is what the npm package holds: its entries, each a file of its own, the WebAssembly that two of
// them leave outside, the types, whose work is compiled in, and a bill of materials.

import {
  copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asScript, Explained, runQuietly } from './children.mjs';
import { isFresh } from './freshness.mjs';
import { makeInstances } from './instances.mjs';
import { root } from './places.mjs';
import { stdSource } from './setup/std-source.mjs';
import { setup, wasmEnv } from './setup.mjs';
import { shortenNames } from './short-names.mjs';
import { ORDINARY_STD, printSizes } from './sizes.mjs';
import { notices } from './supply/notices.mjs';
import { billOfMaterials } from './supply/sbom.mjs';
import { asLiteral, asText, rarest } from './wasm-text.mjs';

const SHELL = join(root, 'src', 'shell');
const MADE_OF = [
  'Cargo.toml', 'Cargo.lock', 'build.rs', 'package-lock.json', 'src',
  'scripts/build.mjs', 'scripts/instances.mjs', 'scripts/short-names.mjs', 'scripts/wasm-text.mjs', 'scripts/supply',
];

// Stands in a bundle for the text of the WebAssembly, which no minifier has to read. It is a name, since they would take a
// string at its word.
const WASM_TEXT = '__TOKENFLIGHT_WASM__';

// The entries beside the client, which have nothing of it in them.
const BESIDE = ['devtools', 'dpop', 'react', 'vue', 'svelte', 'testing'];

// The files of dist/: from which file of src/npm, in which format, and in ASCII if the page decides the encoding.
// `index.js` is written last: its presence says that dist/ is complete, and its time of which state of the sources.
const ENTRIES = [
  { out: 'index.global.js', from: 'global.js', format: 'iife', charset: 'ascii' },
  { out: 'index.cjs', from: 'index.js', format: 'cjs' },
  { out: 'slim.js', from: 'slim.js', format: 'esm' },
  { out: 'slim.cjs', from: 'slim.js', format: 'cjs' },
  { out: 'workerd.js', from: 'workerd.js', format: 'esm' },
  ...BESIDE.flatMap((name) => [
    { out: `${name}.js`, from: `${name}.js`, format: 'esm' },
    { out: `${name}.cjs`, from: `${name}.js`, format: 'cjs' },
  ]),
  { out: 'index.js', from: 'index.js', format: 'esm' },
];

// The variants of the package: its folder, where wasm-pack puts its files, and the features of the module's crate.
const PUBLISHED = variant('dist', 'target/pkg', []);
// It traps where a test says so, and is never published.
const PLANTED = variant('target/planted/dist', 'target/planted/pkg', ['planted-trap']);

function variant(dist, pkg, features) {
  return { dist, pkg, features, glue: join(root, pkg, 'tokenflight.js'), wasm: join(root, pkg, 'tokenflight_bg.wasm') };
}

/** Builds dist/ unless nothing has changed. Needs a finished set-up. */
export async function build({ force = false } = {}) {
  writeFolders();
  if (await make(PUBLISHED, force)) printSizes();
  else console.log('dist/ is up to date (build anyway: npm run build -- --force)');
}

/** Builds the package that traps where a test says so; returns its folder. */
export async function buildPlanted() {
  await make(PLANTED);
  return join(root, PLANTED.dist);
}

/** Builds a variant unless it is up to date; returns true if it did. */
async function make(variant, force = false) {
  const isSmall = Boolean(stdSource.found());
  if (!force && isFresh(`${variant.dist}/index.js`, MADE_OF) && isSmall !== existsSync(ORDINARY_STD)) return false;
  const began = new Date();
  await compile(variant, isSmall);
  const bytes = readFileSync(variant.wasm);
  const text = asText(bytes, rarest(bytes));
  const texts = { ascii: asLiteral(text, 'ascii'), utf8: asLiteral(text, 'utf8') };
  const made = await Promise.all(ENTRIES.map((entry) => bundle(entry, variant, texts)));
  const dist = join(root, variant.dist);
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  copyFileSync(variant.wasm, join(dist, 'tokenflight.wasm'));
  copyTypes(dist);
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), notices());
  writeFileSync(join(dist, 'sbom.cdx.json'), await billOfMaterials());
  for (const { out, code, map } of made) {
    writeFileSync(join(dist, `${out}.map`), map);
    writeFileSync(join(dist, out), code);
  }
  utimesSync(join(dist, 'index.js'), began, began);
  return true;
}

/** `isSmall`: with a standard library that is compiled for size as well. */
async function compile({ pkg, features, wasm, glue }, isSmall) {
  rmSync(join(root, pkg), { recursive: true, force: true });
  const usually = '2 min; 15 s when only the crate itself has changed';
  await runQuietly('Compiling to WebAssembly', usually, 'wasm-pack', [
    'build', join(root, 'src', 'npm'), '--target', 'web', '--no-pack', '--no-typescript', '--release',
    '--out-dir', join(root, pkg), '--out-name', 'tokenflight',
    '--', ...features.flatMap((feature) => ['--features', feature]),
    ...(isSmall ? ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=optimize_for_size'] : []),
  ], { env: leanEnv(isSmall) });
  if (isSmall) rmSync(ORDINARY_STD, { force: true });
  else writeFileSync(ORDINARY_STD, '');
  makeInstances(glue, shortenNames(wasm, glue, { env: wasmEnv() }));
}

/** Leaves out source locations in panics and the output of `Debug`: -2 kB after gzip. With its own standard library, a
 *  panic only traps: -3 kB. RUSTC_BOOTSTRAP allows these flags, which are not stable yet. */
function leanEnv(isSmall) {
  const flags = [process.env.RUSTFLAGS, '-Zlocation-detail=none', '-Zfmt-debug=none'];
  if (isSmall) flags.push('-Zunstable-options', '-Cpanic=immediate-abort', '-Ctarget-feature=-reference-types');
  return { ...wasmEnv(), RUSTC_BOOTSTRAP: '1', RUSTFLAGS: flags.filter(Boolean).join(' ') };
}

async function bundle({ out, from, format, charset = 'utf8' }, { glue }, texts) {
  const { build: esbuild } = await import('esbuild'); // not before the set-up has installed it
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: [`src/npm/${from}`],
    bundle: true,
    write: false,
    outfile: `dist/${out}`,
    sourcemap: 'external',
    format,
    globalName: format === 'iife' ? 'tokenflight' : undefined,
    platform: 'neutral',
    target: 'es2022',
    charset,
    minify: true,
    legalComments: 'none',
    external: ['./tokenflight.wasm', 'tokenflight', 'tokenflight/slim', 'react', 'vue'],
    alias: { 'tokenflight-glue': glue, 'tokenflight-guard': join(root, 'src', 'npm', 'guard.js') },
    plugins: [originals, wasmAsText, styleAsText],
  });
  const [sourceMap, script] = outputFiles;
  const { code, map } = await minified(script.text, sourceMap.text, { out, format, charset });
  if (code.includes('import.meta')) {
    throw new Explained(`dist/${out} would contain import.meta, which classic workers and some bundlers refuse.\n`
      + 'Cargo.toml needs omit-default-module-path = true for wasm-pack, and src/npm must not use it.');
  }
  return { out, ...await withText(code, map, texts[charset]) };
}

/** Puts the text of the WebAssembly in its place, and moves along in the source map what comes after it on its line. */
async function withText(code, map, text) {
  const { decode, encode } = await import('@jridgewell/sourcemap-codec');
  const [before] = code.split(WASM_TEXT);
  if (before === code) return { code, map };
  const [line, column] = [before.split('\n').length - 1, before.length - before.lastIndexOf('\n') - 1];
  const { mappings, ...rest } = JSON.parse(map);
  const lines = decode(mappings);
  for (const segment of lines[line]) if (segment[0] > column) segment[0] += text.length - WASM_TEXT.length;
  return { code: code.replace(WASM_TEXT, () => text), map: JSON.stringify({ ...rest, mappings: encode(lines) }) };
}

/** Minifies once more: terser finds 4 % that esbuild leaves. */
async function minified(script, sourceMap, { out, format, charset }) {
  const { minify } = await import('terser');
  const { code, map } = await minify(script, {
    ecma: 2022,
    module: format === 'esm',
    // A classic script is found by the name that it declares there.
    toplevel: format !== 'iife',
    compress: { passes: 4, unsafe_arrows: true, unsafe_methods: true },
    format: { ascii_only: charset === 'ascii', comments: false, quote_style: 2 },
    sourceMap: { content: sourceMap, filename: out, includeSources: true, url: `${out}.map` },
  });
  return { code, map };
}

/** wasm-bindgen copies beside its glue what Rust names of src/, and what build.rs has joined of src/shell. The modules
 *  themselves are taken: a second copy would be other classes and another state, with nothing left out. */
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

/** The place of the module's text. */
const wasmAsText = {
  name: 'wasm-as-text',
  setup({ onResolve, onLoad }) {
    const namespace = 'wasm-as-text';
    onResolve({ filter: /^tokenflight-wasm$/ }, () => ({ path: 'module', namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents: `export default ${WASM_TEXT};` }));
  },
};

/** A style sheet is the text of a constructed one. */
const styleAsText = {
  name: 'style-as-text',
  setup({ onLoad, esbuild: { transform } }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** A CommonJS entry needs types of its own: what is beside it would be taken for those of a module. */
function copyTypes(dist) {
  for (const name of ['index', 'slim', ...BESIDE]) {
    const source = name === 'index' ? ['shell', 'public.d.ts'] : ['npm', `${name}.d.ts`];
    const types = readFileSync(join(root, 'src', ...source), 'utf8');
    writeFileSync(join(dist, `${name}.d.ts`), types);
    writeFileSync(join(dist, `${name}.d.cts`), types.replaceAll("'./index.js'", "'./index.cjs'"));
  }
  copyFileSync(join(root, 'src', 'npm', 'tokenflight.wasm.d.ts'), join(dist, 'tokenflight.wasm.d.ts'));
}

/** A folder for each entry but the main one: tools that do not know the exports of a package look there. */
function writeFolders() {
  for (const name of ['slim', ...BESIDE]) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'package.json'), `${JSON.stringify({
      private: true,
      main: `../dist/${name}.cjs`,
      module: `../dist/${name}.js`,
      types: `../dist/${name}.d.cts`,
      sideEffects: false,
    }, null, 2)}\n`);
  }
}

await asScript(import.meta.url, async (args) => {
  await setup();
  await build({ force: args.includes('--force') });
});
