// The errors that a user reads where the module cannot run, and where its bytes are not found.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import fastify from 'fastify';

import { launchBrowser, scratchFolder } from './shop.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = (name) => join(root, 'dist', name);

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** Returns the error that `createApi` throws in a Node with these flags, after the script `first`. */
function thrownInNode(t, { flags = [], first = '' }) {
  const folder = scratchFolder(t);
  cpSync(dist('index.js'), join(folder, 'index.mjs'));
  const script = `
    import { createApi } from './index.mjs';
    ${first}
    const thrown = [1, 2].map(() => { try { createApi(); } catch (error) { return error; } });
    console.log(JSON.stringify(thrown.map(({ name, code, message }) => ({ name, code, message }))));
  `;
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' });
  const [error, again] = JSON.parse(output);
  assert.deepEqual(again, error, 'the second call says the same');
  return error;
}

/** The message of the error that says what this runtime lacks. */
function refusedInNode(t, options) {
  const { name, code, message } = thrownInNode(t, options);
  assert.deepEqual([name, code], ['UnsupportedRuntimeError', 'UNSUPPORTED_RUNTIME']);
  return message;
}

test('without WebAssembly createApi says so', (t) => {
  assert.match(refusedInNode(t, { flags: ['--jitless'] }), /does not have or has switched off/);
});

test('a WebAssembly with nothing in it is as good as none, for both entries', async (t) => {
  assert.match(refusedInNode(t, { first: 'globalThis.WebAssembly = {};' }), /does not have or has switched off/);
  const page = await openPage(t);
  const codes = await page.evaluate(async () => {
    globalThis.WebAssembly = {};
    const { init } = await import('/slim.js');
    const sources = ['/tokenflight.wasm', new Uint8Array(8), {}];
    return Promise.all(sources.map((source) => init(source).catch(({ code }) => code)));
  });
  assert.deepEqual(codes, Array(3).fill('UNSUPPORTED_RUNTIME'));
});

test('without fetch createApi says so, and how to give it one', (t) => {
  assert.match(refusedInNode(t, { first: 'delete globalThis.fetch;' }), /no fetch.*option `fetch`/);
});

test('where the module alone cannot be compiled, the platform’s own error tells', (t) => {
  const first = `
    const { Module } = WebAssembly;
    WebAssembly.Module = function (bytes) {
      if (bytes.length > 100) throw new WebAssembly.CompileError('invalid opcode');
      return new Module(bytes);
    };
  `;
  assert.deepEqual(thrownInNode(t, { first }), { name: 'CompileError', message: 'invalid opcode' });
});

// A module that imports `nothing.nothing`, which the JavaScript beside it does not have.
const OTHER_VERSION = Buffer.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 19, 1, 7, ...Buffer.from('nothing'), 7, ...Buffer.from('nothing'), 0, 0,
]);

/** A page with the entries beside it, under a policy of its own. */
async function openPage(t, policy) {
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onSend', async (_request, reply) => { if (policy) reply.header('content-security-policy', policy); });
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>page</title>'));
  for (const name of ['index.js', 'slim.js']) {
    app.get(`/${name}`, (_request, reply) => reply.type('text/javascript').send(readFileSync(dist(name))));
  }
  app.get('/tokenflight.wasm', (_request, reply) => reply.type('application/wasm').send(readFileSync(dist('tokenflight.wasm'))));
  app.get('/octets', (_request, reply) => reply.type('application/octet-stream').send(readFileSync(dist('tokenflight.wasm'))));
  app.get('/page', (_request, reply) => reply.type('text/html').send('<!doctype html>'));
  app.get('/broken.wasm', (_request, reply) => reply.type('application/wasm').send(Buffer.from('\0asm broken')));
  app.get('/other.wasm', (_request, reply) => reply.type('application/wasm').send(OTHER_VERSION));
  t.after(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(url);
  return page;
}

const BLOCKING = "default-src 'self'; script-src 'self'";

test('where a policy blocks WebAssembly, createApi names the word that is missing there', async (t) => {
  const page = await openPage(t, BLOCKING);
  const errors = await page.evaluate(async () => {
    const { createApi, UnsupportedRuntimeError } = await import('/index.js');
    const slim = await import('/slim.js');
    const caught = [];
    try { createApi(); } catch (error) { caught.push(error instanceof UnsupportedRuntimeError && error); }
    await slim.init('/tokenflight.wasm').catch((error) => caught.push(error instanceof slim.UnsupportedRuntimeError && error));
    return caught.map(({ code, message, cause }) => [code, message, cause instanceof Error]);
  });
  assert.equal(errors.length, 2);
  for (const [code, message, hasCause] of errors) {
    assert.deepEqual([code, hasCause], ['UNSUPPORTED_RUNTIME', true]);
    assert.match(message, /'wasm-unsafe-eval' to its script-src/);
  }
});

test("'wasm-unsafe-eval' is all that it takes, trusted types included", async (t) => {
  const page = await openPage(t, "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'");
  const members = await page.evaluate(async () => {
    const slim = await import('/slim.js');
    await slim.init('/tokenflight.wasm');
    return [(await import('/index.js')).createApi(), slim.createApi()].map(({ fetch }) => typeof fetch);
  });
  assert.deepEqual(members, ['function', 'function']);
});

test('slim takes a URL, a response, bytes and a module, and is instantiated once', async (t) => {
  const page = await openPage(t);
  const sources = {
    'a path': () => '/tokenflight.wasm',
    'a URL': () => new URL('/tokenflight.wasm', location.href),
    'a promise of a response': () => fetch('/tokenflight.wasm'),
    'a response of another type': () => fetch('/octets'),
    bytes: async () => (await fetch('/octets')).arrayBuffer(),
    'a view of bytes': async () => new Uint8Array(await (await fetch('/octets')).arrayBuffer()),
    'a module': () => WebAssembly.compileStreaming(fetch('/tokenflight.wasm')),
  };
  for (const [name, source] of Object.entries(sources)) {
    const type = await page.evaluate(`(async () => {
      const { init, createApi } = await import('/slim.js?' + ${JSON.stringify(name)});
      await Promise.all([1, 2].map(() => init((${source})())));
      await init('/nowhere');
      return typeof createApi().fetch;
    })()`);
    assert.equal(type, 'function', name);
  }
});

test('slim says what was wrong with what it was given, and can be tried again', async (t) => {
  const page = await openPage(t);
  const told = await page.evaluate(async () => {
    const { init, createApi } = await import('/slim.js');
    const messages = [];
    const note = (error) => messages.push(`${error.name}: ${error.message}`);
    try { createApi(); } catch (error) { note(error); }
    for (const source of ['/nowhere', '/page', '/broken.wasm', '/other.wasm', undefined, 5]) await init(source).catch(note);
    await init('/tokenflight.wasm');
    return [...messages, typeof createApi().fetch];
  });
  const [tooEarly, notFound, aPage, broken, other, missing, number, last] = told;
  assert.match(tooEarly, /^InvalidStateError: .*before `await init/);
  assert.match(notFound, /^TypeError: init: .*\/nowhere answered 404\. Pass it the URL/);
  assert.match(aPage, /^TypeError: init: .*\/page is not WebAssembly; its Content-Type is text\/html/);
  for (const text of [broken, other]) assert.match(text, /^TypeError: init: these are not, or not all of, the bytes of this version/);
  for (const text of [missing, number]) assert.match(text, /^TypeError: init: expected a URL/);
  assert.equal(last, 'function');
});
