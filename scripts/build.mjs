// Makes dist/, which is what the npm package holds: one JavaScript file with the WebAssembly inside, and its
// types. One self-contained file works in every bundler, in workers and in Node, without configuration.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { asScript, Explained, run } from './children.mjs';
import { isFresh } from './freshness.mjs';
import { root } from './places.mjs';
import { setup, wasmEnv } from './setup.mjs';

const GLUE = join(root, 'target', 'pkg', 'tokenflight.js');
const WASM = join(root, 'target', 'pkg', 'tokenflight_bg.wasm');
const DIST = join(root, 'dist');
const MADE_OF = ['Cargo.toml', 'Cargo.lock', 'package-lock.json', 'src', 'scripts/build.mjs'];

/** Builds dist/ unless nothing has changed. Needs a finished set-up. */
export async function build({ force = false } = {}) {
  if (!force && isFresh('dist/index.js', MADE_OF)) {
    console.log('dist/ is up to date (build anyway: npm run build -- --force)');
    return;
  }
  const began = new Date();
  await compile();
  const code = await bundle();
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  copyFileSync(join(root, 'src', 'npm', 'index.d.ts'), join(DIST, 'index.d.ts'));
  // Last, since its presence and its time say that dist/ is whole, and of which state of the sources.
  writeFileSync(join(DIST, 'index.js'), code);
  utimesSync(join(DIST, 'index.js'), began, began);
  printSizes();
}

async function compile() {
  console.log('Compiling to WebAssembly (usually 1 min; 10 s when only the crate itself has changed)');
  rmSync(join(root, 'target', 'pkg'), { recursive: true, force: true });
  await run('wasm-pack', [
    'build', '--target', 'web', '--no-pack', '--no-typescript', '--release',
    '--out-dir', 'target/pkg', '--out-name', 'tokenflight',
  ], { env: wasmEnv() });
}

async function bundle() {
  const { build: esbuild } = await import('esbuild'); // not before the set-up has installed it
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ['src/npm/index.js'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    plugins: [crateParts],
  });
  const code = outputFiles[0].text;
  if (code.includes('import.meta')) {
    throw new Explained('dist/index.js would contain import.meta, which classic workers and some bundlers refuse.\n'
      + 'Cargo.toml needs omit-default-module-path = true for wasm-pack, and src/npm must not use it.');
  }
  return code;
}

/** What src/npm imports by name: the glue that wasm-bindgen wrote, and the module's bytes as a string. */
const crateParts = {
  name: 'crate-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tokenflight-glue$/ }, () => ({ path: GLUE }));
    onResolve({ filter: /^tokenflight-wasm$/ }, () => ({ path: WASM, namespace: 'text' }));
    // wasm-bindgen copies the error classes beside its glue; a second copy would be other classes.
    onResolve({ filter: /\/snippets\/.*\/src\/npm\/errors\.js$/ }, () => ({ path: join(root, 'src/npm/errors.js') }));
    onLoad({ filter: /./, namespace: 'text' }, ({ path }) => ({ contents: asText(readFileSync(path)), loader: 'text' }));
  },
};

/**
 * Bytes as text: each is the character whose code is one higher. The zero byte, the most frequent one, would
 * need an escape in a string literal; the character 1 does not. After gzip this is 3 % larger than the bytes,
 * where base64 is 31 %. To be read back with `charCodeAt(index) - 1`.
 */
function asText(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte + 1)).join('');
}

function printSizes() {
  const rows = readdirSync(DIST).sort().map((name) => {
    const content = readFileSync(join(DIST, name));
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    return [`dist/${name}`, content.length, gzipSync(content, { level: 9 }).length, brotliCompressSync(content, brotli).length];
  });
  const total = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0));
  console.log('\nshipped file            raw     gzip -9   brotli 11   (bytes)');
  for (const [name, raw, gzip, brotli] of [...rows, ['total', ...total]]) {
    console.log(`${name.padEnd(16)} ${String(raw).padStart(10)} ${String(gzip).padStart(11)} ${String(brotli).padStart(11)}`);
  }
}

await asScript(import.meta.url, async (args) => {
  await setup();
  await build({ force: args.includes('--force') });
});
