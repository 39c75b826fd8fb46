// The demo: a page made by Vite from www/, and the server that serves it together with its API.

import { createServer } from 'node:net';
import { join } from 'node:path';
import { end, Explained, run, start } from './children.mjs';
import { isFresh } from './freshness.mjs';
import { root } from './places.mjs';

const SERVER = join(root, 'www', 'server', 'main.js');
const TEST_PORT = 4199;

/** Builds the page unless nothing has changed. Needs dist/. */
export async function buildDemo() {
  const sources = ['www', 'dist/index.js', 'package-lock.json'];
  // The server is not part of the page; the page itself must not count as one of its sources.
  if (isFresh('www/dist/index.html', sources, ['www/dist', 'www/server'])) {
    console.log('www/dist is up to date');
    return;
  }
  const tool = (name) => join(root, 'node_modules', '.bin', name);
  for (const project of ['www', 'www/server']) await run(tool('tsc'), ['--project', project, '--noEmit']);
  await run(tool('vite'), ['build', 'www', '--logLevel', 'warn']);
}

/** Builds the demo's first page for a site without a server, with a service worker that answers in its place. */
export async function buildStaticDemo(into) {
  const { build: bundle } = await import('esbuild'); // not before the set-up has installed it
  const here = join(root, 'www', 'static');
  await run(join(root, 'node_modules', '.bin', 'vite'), ['build', here, '--outDir', into, '--logLevel', 'warn']);
  await bundle({
    entryPoints: [join(here, 'worker.js')], outfile: join(into, 'worker.js'), bundle: true, minify: true, format: 'esm',
    target: 'es2022', alias: { 'node:crypto': join(here, 'crypto.js') }, logLevel: 'warning',
  });
}

/** Serves the demo until asked to stop; the server prints its address itself. */
export function serveDemo() {
  return start(process.execPath, [SERVER], { alone: true }).ended;
}

/** Starts the server with the routes for tests; resolves with its address when it listens. */
export async function startTestServer() {
  // Always the same port where possible: the address is compiled into the browser tests.
  const port = await areFree(TEST_PORT, TEST_PORT + 1) ? TEST_PORT : 0;
  const env = { ...process.env, PORT: String(port) };
  const { child, ended } = start(process.execPath, [SERVER, '--test'], { env, output: 'pipe', alone: true });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const [address] = /https?:\/\/[\w.:[\]-]+/.exec(output) ?? [];
      if (address && output.includes('\n')) resolve(address);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', (chunk) => process.stderr.write(chunk));
    const fail = (error) => reject(new Explained(`The test server ended at once.\n${error?.message ?? output}`));
    ended.then(fail, fail);
  });
  return {
    url,
    async stop() {
      end(child);
      await ended;
    },
  };
}

async function areFree(...ports) {
  const probes = await Promise.all(ports.map((port) => new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  })));
  return probes.every(Boolean);
}
