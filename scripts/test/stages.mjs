// The stages of npm test. Each returns whether it went well, and how many tests passed
// and failed.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, buildPlanted } from '../build.mjs';
import { ask, Explained, runAndRead } from '../children.mjs';
import { buildDemo, startTestServer } from '../demo.mjs';
import { root } from '../places.mjs';
import { buildRustApp } from '../rust-app.mjs';
import { wasmEnv } from '../setup.mjs';
import { ENGINES } from '../setup/engines.mjs';
import { WASM } from '../setup/wasm-target.mjs';
import { brokeBeforeTests, cargoCounts, nodeCounts } from './counts.mjs';

// Through a pipe, tools leave their colours out unless told otherwise.
const colours = process.stdout.isTTY ? { CARGO_TERM_COLOR: 'always', FORCE_COLOR: '1' } : {};

// They try so many schedules that optimizing them pays: one minute in place of three and a half.
const OPTIMIZED = ['exhaustive', 'simulator'];

/** The crate on this machine: the logic that needs no browser. */
export async function nativeTests(filters) {
  const others = cargoTargets().filter((name) => !OPTIMIZED.includes(name));
  const named = (names) => names.map((name) => `--test=${name}`);
  return together(
    await cargoTests(['--lib', ...named(others)], filters, process.env),
    await cargoTests(named(OPTIMIZED), filters, { ...process.env, CARGO_PROFILE_TEST_OPT_LEVEL: '1' }),
  );
}

/** The files of tests that need no browser. */
function cargoTargets() {
  const { packages } = JSON.parse(ask('cargo', ['metadata', '--no-deps', '--format-version=1']));
  return packages.flatMap(({ targets }) => targets)
    .filter(({ kind, 'required-features': features }) => kind.includes('test') && !features)
    .map(({ name }) => name);
}

async function cargoTests(targets, filters, env) {
  const { code, text } = await runAndRead('cargo', ['test', '--no-fail-fast', ...targets, '--', ...filters], {
    env: { ...env, ...colours },
  });
  return { ok: code === 0, ...cargoCounts(text) };
}

/** The result of a stage that runs two tools. */
const together = (one, other) => ({
  ok: one.ok && other.ok, passed: one.passed + other.passed, failed: one.failed + other.failed,
});

/** The modules of the shell: their types, and what they do in Node. */
export async function shellTests(filters) {
  const { code } = await runAndRead('tsc', ['--project', 'src/shell'], { env: wasmEnv() });
  const tests = await nodeTests(testsIn('tests/shell'), filters, { env: {} });
  return { ...tests, ok: code === 0 && tests.ok };
}

/** The crate, compiled to WebAssembly, in a browser against a real server. */
export async function browserTests(filters, { engine: name = 'chromium' } = {}) {
  const { find, flags, capabilities, display, env } = ENGINES[name];
  const { browser, driver } = find();
  const server = await startTestServer();
  try {
    const [command, ...args] = [
      ...display, 'wasm-pack', 'test', '--headless', ...flags(driver), '.',
      // Not the documentation's examples: rustTests runs them.
      '--lib', '--test', '*', '--all-features', '--', ...filters,
    ];
    const run = () => runAndRead(command, args, {
      env: {
        ...wasmEnv(),
        ...colours,
        ...env,
        TOKENFLIGHT_TEST_SERVER: server.url, // read when the tests are compiled
        WASM_BINDGEN_TEST_TIMEOUT: '300',
        WASM_BINDGEN_TEST_WEBDRIVER_JSON:
          process.env.WASM_BINDGEN_TEST_WEBDRIVER_JSON ?? writeCapabilities(name, capabilities(browser)),
      },
    });
    let { code, text } = await run();
    // Until the first test, the same bytes do the same in every run: what breaks there now and then is the
    // browser (seen once: WebKit trapped in the test runner's own code). Twice in a row is a failure.
    if (code !== 0 && brokeBeforeTests(text)) {
      console.log(`\n${ENGINES[name].title} broke before its first test. Once more, from the start:\n`);
      ({ code, text } = await run());
    }
    return { ok: code === 0, ...cargoCounts(text) };
  } finally {
    await server.stop();
  }
}

/** Writes how the driver starts the browser; wasm-bindgen's runner adds the flags for headless mode. */
function writeCapabilities(name, capabilities) {
  const file = join(root, 'target', `webdriver-${name}.json`);
  mkdirSync(join(root, 'target'), { recursive: true });
  writeFileSync(file, JSON.stringify(capabilities, null, 2));
  return file;
}

/** The crate as Rust front-ends have it: the examples of its documentation, and an app in a browser. */
export async function rustTests(filters) {
  const examples = await cargoTests(['--doc', '--target', WASM, '--all-features'], filters, wasmEnv());
  await buildRustApp();
  const app = await nodeTests(testsIn('tests/rust'), filters, { env: { CHROME: ENGINES.chromium.find().browser } });
  return together(examples, app);
}

/** The package as it is published, and the demo made with it. */
export async function endToEndTests(filters) {
  await build();
  await buildPlanted(); // for the tests of traps
  await buildDemo();
  const env = { CHROME: ENGINES.chromium.find().browser, ENGINES: 'chromium', PLACES: 'fast' };
  return nodeTests([
    // The demo's server is what the other tests believe: it is tested first.
    join(root, 'www', 'server', 'app.test.mjs'),
    ...testsIn('tests/e2e'),
    ...testsIn('tests/engines'),
    ...testsIn('tests/package'),
  ], filters, { env, atOnce: 2 }); // pages mostly wait
}

/** The package in several tabs of each engine at once. */
export async function tabTests(engines) {
  await build();
  const display = engines.map((engine) => ENGINES[engine].display).find((command) => command.length > 0);
  return nodeTests(testsIn('tests/engines'), [], { env: { ENGINES: engines.join(' ') }, display });
}

/** Hostile arguments, URLs, answers and pages. */
export async function attackTests(filters, { engines = ['chromium'], isLong = false } = {}) {
  await build();
  const display = engines.map((engine) => ENGINES[engine].display).find((command) => command.length > 0);
  const env = { ENGINES: engines.join(' '), ...isLong && { ATTACK_LONG: '1' } };
  return nodeTests(testsIn('tests/attack'), filters, { env, display, seconds: isLong ? 3000 : 600 });
}

/**
 * Ten tabs and a real identity provider, an axios interceptor beside them; then a plan of expiries and disruptions,
 * which is short. `isLong`: that plan alone, in each engine, one after the other.
 */
export async function providerTests(filters, { engines = ['chromium'], isLong = false } = {}) {
  await build();
  const env = { CHROME: ENGINES.chromium.find().browser, ENGINES: engines.join(' '), ...isLong && { ENDURANCE_LONG: '1' } };
  if (!isLong) return nodeTests(testsIn('tests/provider'), filters, { env, seconds: 600, atOnce: 1 });
  const display = engines.map((engine) => ENGINES[engine].display).find((command) => command.length > 0);
  return nodeTests([join(root, 'tests', 'provider', 'endurance.test.mjs')], filters, { env, display, seconds: 9000 });
}

/** The recipes of docs/, each under the client that it is for. */
export async function recipeTests(filters) {
  await build();
  // Not before the set-up has installed the clients.
  const { makePages } = await import('../../tests/recipes/pages.mjs');
  await makePages();
  const env = { CHROME: ENGINES.chromium.find().browser };
  return nodeTests(testsIn('tests/recipes'), filters, { env, atOnce: 2 }); // pages mostly wait
}

/** Each example of examples/, installed, built and used. */
export async function exampleTests(filters) {
  await build();
  // The limit holds for the file as well.
  return nodeTests(testsIn('tests/examples'), filters, { env: { CHROME: ENGINES.chromium.find().browser }, seconds: 600 });
}

/** The packed package in every bundler, framework and runtime of tests/package. */
export async function packageTests(filters) {
  await build();
  // The limit holds for a file as well, and one of them goes to every place.
  const env = { CHROME: ENGINES.chromium.find().browser };
  return nodeTests(testsIn('tests/package'), filters, { env, seconds: 600 });
}

/** By name: Node 20 takes a folder, later releases do not. */
function testsIn(folder) {
  const path = join(root, folder);
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.test.mjs')) : [];
  if (names.length === 0) throw new Explained(`${folder} holds no *.test.mjs`);
  return names.map((name) => join(path, name));
}

/** `atOnce`: how many files run beside each other; by default Node leaves one core free. */
async function nodeTests(files, filters, { env, display = [], seconds = 300, atOnce }) {
  const [command, ...args] = [
    ...display, process.execPath, '--test', '--test-reporter=spec', `--test-timeout=${seconds * 1000}`,
    ...(atOnce ? [`--test-concurrency=${atOnce}`] : []),
    ...filters.map((filter) => `--test-name-pattern=${filter}`), ...files,
  ];
  const { code, text } = await runAndRead(command, args, { env: { ...process.env, ...colours, ...env } });
  return { ok: code === 0, ...nodeCounts(text) };
}
