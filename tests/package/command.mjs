// Commands of the tools that are installed here, as somebody types them who uses the package.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { end, start } from '../../scripts/children.mjs';

const { dirname: here } = import.meta;
const root = dirname(dirname(here));

// Nobody is there to be asked, and nobody wants to be told.
const UNATTENDED = {
  CI: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
};

/** No command lives longer than this (ms), whatever becomes of the test that started it. */
const LIMIT = 110_000;

/** Where the executable of a Node release is; without a release, of the one that runs this. */
export function nodeFolder(release) {
  return release ? join(here, 'node_modules', `node${release}`, 'bin') : dirname(process.execPath);
}

/** Runs a command to its end. Resolves with what it printed; `assert`s that it succeeded. */
export async function run(command, { cwd, release, env = {} }) {
  const { ended, text } = launch(command, { cwd, release, env });
  const code = await ended;
  assert.equal(code, 0, `${command} ended with code ${code}:\n${text()}`);
  return text();
}

/** Starts a server on `port`. Resolves when it takes connections, with what it printed so far and what ends it. */
export async function serve(command, { cwd, release, env = {}, url }) {
  const { child, ended, text } = launch(command, { cwd, release, env });
  const over = ended.then((code) => { throw new Error(`${command} ended with code ${code}:\n${text()}`); });
  over.catch(() => {});
  const stop = async () => {
    end(child);
    const patience = setTimeout(() => end(child, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(patience);
  };
  try {
    await Promise.race([over, answers(url)]);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${text()}`);
  }
  return { text, stop };
}

function launch(command, { cwd, release, env }) {
  const [name, ...args] = command.split(' ');
  const { child, ended } = start(name, args, { cwd, output: 'pipe', env: environment(release, env) });
  const limit = setTimeout(() => end(child, 'SIGKILL'), LIMIT);
  child.once('close', () => clearTimeout(limit));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
  }
  return { child, ended, text: () => stripVTControlCharacters(text) };
}

function environment(release, more) {
  const PATH = [
    // First: some package's own folder of executables has a `node` as well.
    nodeFolder(release), join(here, 'node_modules', '.bin'), join(root, 'node_modules', '.bin'), process.env.PATH,
  ].join(delimiter);
  // The variables that the test runner sets for its children are not meant for theirs.
  const { NODE_TEST_CONTEXT, FORCE_COLOR, NO_COLOR, NODE_OPTIONS, ...inherited } = process.env;
  return { ...inherited, ...UNATTENDED, ...more, PATH };
}

async function answers(url) {
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    const answer = fetch(url, { signal: AbortSignal.timeout(30_000) }).then((response) => response.arrayBuffer());
    if (await answer.catch(() => null)) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`nothing answers at ${url}`);
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
