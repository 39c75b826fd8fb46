// The tarball by itself: what it holds, what it weighs, and that importing it costs nothing. In the whole run also what
// publint and are-the-types-wrong make of it.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/places.mjs';
import { sizes } from '../../scripts/sizes.mjs';
import { run } from './command.mjs';
import { install, pack } from './tarball.mjs';

const BESIDE = ['slim', 'devtools', 'dpop', 'react', 'svelte', 'testing', 'vue'];
const SCRIPTS = ['index.global.js', 'workerd.js', ...['index', ...BESIDE].flatMap((name) => [`${name}.js`, `${name}.cjs`])];

const FILES = [
  'CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json',
  'dist/THIRD-PARTY-NOTICES.txt', 'dist/sbom.cdx.json', 'dist/tokenflight.wasm', 'dist/tokenflight.wasm.d.ts',
  ...SCRIPTS.flatMap((name) => [`dist/${name}`, `dist/${name}.map`]),
  ...['index', ...BESIDE].flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.d.cts`]),
  ...BESIDE.map((name) => `${name}/package.json`),
].sort();

// Where the tools are that only the whole run has.
const skip = process.env.PLACES === 'fast' && 'only in npm test -- package';

test('the tarball holds what a user needs and nothing else', () => {
  assert.deepEqual(pack().files, FILES);
});

// Messages of the shell and of the entry: the text of the WebAssembly stands between them.
for (const [said, source] of Object.entries({
  'The session is over. Ask': 'src/shell/errors.js',
  'The Content-Security-Policy of this page': 'src/npm/instance.js',
})) {
  for (const name of ['index.js', 'index.cjs', 'index.global.js', 'slim.js']) {
    test(`the source map of ${name} leads to ${source}`, () => {
      const read = (file) => readFileSync(join(root, 'dist', file), 'utf8');
      const lines = read(name).split('\n');
      const line = lines.findIndex((text) => text.includes(said));
      const entry = new SourceMap(JSON.parse(read(`${name}.map`))).findEntry(line, lines[line].indexOf(said));
      assert.equal(entry.originalSource, `../${source}`);
      const original = readFileSync(join(root, source), 'utf8').split('\n')[entry.originalLine];
      assert.ok(original.includes(said), original);
      assert.match(lines.join('\n'), new RegExp(`\n//# sourceMappingURL=${name}\\.map$`));
    });
  }
}

for (const { name, gzip, budget } of sizes()) {
  test(`${name} weighs no more than ${budget} bytes after gzip`, () => {
    assert.ok(gzip <= budget, `it weighs ${gzip}: make it lighter, or say in scripts/sizes.mjs what it may weigh`);
  });
}

for (const [kind, write] of Object.entries({
  import: (entry) => `await import('${entry}');`,
  require: (entry) => `process.getBuiltinModule('module').createRequire(process.argv[1])('${entry}');`,
})) {
  for (const entry of ['tokenflight', 'tokenflight/slim', 'tokenflight/devtools', 'tokenflight/svelte', 'tokenflight/testing']) {
    test(`to ${kind} ${entry} runs nothing`, async (t) => {
      const folder = install(`${kind} ${entry}`);
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      writeFileSync(join(folder, 'probe.mjs'), `${WATCH}${write(entry)}${TELL}`);
      assert.equal(await run('node probe.mjs', { cwd: folder }), '[]');
    });
  }
}

for (const [kind, file] of Object.entries({ import: 'index.js', require: 'index.cjs', slim: 'slim.js' })) {
  test(`the error classes keep their names, and an api shows its members and nothing else: ${kind}`, async (t) => {
    const folder = install(`names ${kind}`);
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'probe.mjs'), `
      import { inspect } from 'node:util';
      import { readFileSync } from 'node:fs';
      const package_ = process.getBuiltinModule('module').createRequire(import.meta.url)('./node_modules/tokenflight/dist/${file}');
      const { createApi, init, internals, ...classes } = package_;
      await init?.(readFileSync('node_modules/tokenflight/dist/tokenflight.wasm'));
      const api = createApi();
      await api.signIn({ accessToken: 'secret', refreshToken: 'secret' });
      const errors = Object.entries(classes).map(([name, Class]) => [name, Class.name, new Class('x', {}).name]);
      const shown = inspect(api, { depth: Infinity, showHidden: false });
      process.stdout.write(JSON.stringify({ errors, shown, members: Object.keys(api) }));
    `);
    const { errors, shown, members } = JSON.parse(await run('node probe.mjs', { cwd: folder }));
    assert.equal(errors.length, 5);
    for (const [name, ...others] of errors) assert.deepEqual(others, [name, name]);
    const lines = shown.split(/,?\n/).slice(1, -1).map((line) => line.trim());
    assert.deepEqual(lines.map((line) => line.replace(/: \[((Async)?Function: \w+|Getter)\]$/, '')), members, shown);
    assert.ok(members.every((name) => lines.some((line) => line.endsWith(`: ${name}]`) || line === `${name}: [Getter]`)), shown);
  });
}

// Whatever a module could do when it is loaded, and whatever it could leave behind.
const WATCH = `
const seen = [];
const watch = (owner, name) => {
  const value = owner[name];
  const trap = (how) => (target, ...rest) => { seen.push(name); return Reflect[how](target, ...rest); };
  Object.defineProperty(owner, name, {
    value: new Proxy(value, { apply: trap('apply'), construct: trap('construct') }), configurable: true, writable: true,
  });
};
for (const name of ['Module', 'Instance', 'Memory', 'Table', 'compile', 'instantiate', 'validate']) {
  watch(WebAssembly, name);
}
for (const name of ['fetch', 'setTimeout', 'setInterval', 'queueMicrotask', 'addEventListener', 'BroadcastChannel']) {
  if (globalThis[name]) watch(globalThis, name);
}
const globals = new Set(Reflect.ownKeys(globalThis));
`;
const TELL = `
seen.push(...Reflect.ownKeys(globalThis).filter((name) => !globals.has(name)));
process.stdout.write(JSON.stringify(seen));
`;

test('publint has nothing to say', { skip }, async () => {
  assert.match(await run(`publint run ${pack().file} --strict`, { cwd: import.meta.dirname }), /^All good!$/m);
});

test('are-the-types-wrong finds the types right, for every resolution that TypeScript has', { skip }, async () => {
  // Not the WebAssembly: no JavaScript is beside its types.
  await run(`attw ${pack().file} --profile strict --exclude-entrypoints ./tokenflight.wasm`, { cwd: import.meta.dirname });
});
