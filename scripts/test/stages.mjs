// The stages of npm test. Each returns whether it went well and how many tests passed and failed.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { Explained, runAndRead } from '../children.mjs';
import { buildDemo, startTestServer } from '../demo.mjs';
import { root } from '../places.mjs';
import { wasmEnv } from '../setup.mjs';
import { findBrowser } from '../setup/browser.mjs';
import { cargoCounts, nodeCounts } from './counts.mjs';

// Through a pipe, tools leave their colours out unless told otherwise.
const colours = process.stdout.isTTY ? { CARGO_TERM_COLOR: 'always', FORCE_COLOR: '1' } : {};

/** The crate on this machine: the logic that needs no browser, and the examples in its documentation. */
export async function nativeTests(filters) {
  const { code, text } = await runAndRead('cargo', ['test', '--no-fail-fast', '--', ...filters], {
    env: { ...process.env, ...colours },
  });
  return { ok: code === 0, ...cargoCounts(text) };
}

/** The crate, compiled to WebAssembly, in a browser against a real server. */
export async function browserTests(filters) {
  const { chrome, chromedriver } = findBrowser();
  const server = await startTestServer();
  try {
    const { code, text } = await runAndRead('wasm-pack', [
      'test', '--headless', '--chrome', '--chromedriver', chromedriver, '.',
      // Not the documentation's examples: they have run natively.
      '--lib', '--test', '*', '--', ...filters,
    ], {
      env: {
        ...wasmEnv(),
        ...colours,
        TOKENFLIGHT_TEST_SERVER: server.url, // read when the tests are compiled
        WASM_BINDGEN_TEST_TIMEOUT: '300',
        WASM_BINDGEN_TEST_WEBDRIVER_JSON: process.env.WASM_BINDGEN_TEST_WEBDRIVER_JSON ?? writeCapabilities(chrome),
      },
    });
    return { ok: code === 0, ...cargoCounts(text) };
  } finally {
    await server.stop();
  }
}

/**
 * How chromedriver starts the browser. wasm-bindgen's runner adds `headless` and `no-sandbox` itself; these
 * keep the browser from starting what tests do not need, or from asking the network for anything.
 */
function writeCapabilities(chrome) {
  const args = [
    '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic',
    '--disable-sync', '--no-first-run',
  ];
  const file = join(root, 'target', 'webdriver.json');
  mkdirSync(join(root, 'target'), { recursive: true });
  writeFileSync(file, JSON.stringify({ 'goog:chromeOptions': { binary: chrome, args } }, null, 2));
  return file;
}

/** The package as it is published, and the demo made with it. */
export async function endToEndTests(filters) {
  await build();
  await buildDemo();
  const folder = join(root, 'tests', 'e2e');
  // By name: Node 20 takes a folder, later releases do not.
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.mjs')) : [];
  if (files.length === 0) throw new Explained('tests/e2e holds no *.test.mjs');
  const { code, text } = await runAndRead(process.execPath, [
    '--test', '--test-reporter=spec', '--test-timeout=300000',
    ...filters.map((filter) => `--test-name-pattern=${filter}`),
    // The demo's server is what the other tests believe: it is tested first.
    join(root, 'www', 'server', 'app.test.mjs'),
    ...files.map((name) => join(folder, name)),
  ], { env: { ...process.env, ...colours, CHROME: findBrowser().chrome } });
  return { ok: code === 0, ...nodeCounts(text) };
}
