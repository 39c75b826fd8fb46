// The example of a Rust front-end, examples/yew, made into a page.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runQuietly } from './children.mjs';
import { root } from './places.mjs';
import { wasmEnv } from './setup.mjs';
import { WASM } from './setup/wasm-target.mjs';

// A folder of its own: cargo gives this crate's library the same file name whatever its features are, and those of the
// app would take the place of the ones that the tests are compiled with.
const TARGET = join(root, 'target', 'yew');

/** Where the page is. */
export const RUST_APP = join(TARGET, 'page');

/** Builds the page. Needs a finished set-up. */
export async function buildRustApp() {
  const env = { ...wasmEnv(), CARGO_TARGET_DIR: TARGET };
  const args = ['build', '--manifest-path', 'examples/yew/Cargo.toml', '--target', WASM];
  await runQuietly('Compiling examples/yew', '1 min; 5 s when only the crate has changed', 'cargo', args, { env });
  rmSync(RUST_APP, { recursive: true, force: true });
  mkdirSync(RUST_APP, { recursive: true });
  const module = join(TARGET, WASM, 'debug', 'tokenflight-yew.wasm');
  await run('wasm-bindgen', ['--target', 'web', '--no-typescript', '--out-name', 'app', '--out-dir', RUST_APP, module], { env });
  // As Trunk does it, but for the script, which a strict policy wants in a file.
  const page = readFileSync(join(root, 'examples', 'yew', 'index.html'), 'utf8');
  writeFileSync(join(RUST_APP, 'index.html'), page.replace(/<link data-trunk[^>]*>/, '<script type="module" src="/main.js"></script>'));
  writeFileSync(join(RUST_APP, 'main.js'), "import init from './app.js';\n\ninit();\n");
}
