// The types of the package as it is published: what they accept, what they refuse, and that they name what is there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { DOCUMENTS, writeSamples } from './documents.mjs';
import { scratchFolder } from './shop.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tool = (name) => join(root, 'node_modules', '.bin', name);

const BROWSER = { lib: ['es2022', 'dom', 'dom.iterable'], types: [] };
const SETTINGS = {
  'an app of a bundler': {
    files: ['accepts.ts', 'refuses.ts', 'names.ts', 'testing.ts'],
    options: { ...BROWSER, module: 'esnext', moduleResolution: 'bundler' },
  },
  'modules as Node resolves them': {
    files: ['accepts.ts', 'refuses.ts', 'names.ts', 'testing.ts'],
    options: { ...BROWSER, module: 'nodenext' },
  },
  'Node without the types of a browser': {
    files: ['accepts.ts', 'refuses.ts', 'testing.ts'],
    options: { lib: ['es2022'], types: ['node'], module: 'nodenext' },
  },
  CommonJS: { files: ['common.cts'], options: { ...BROWSER, module: 'nodenext' } },
  'a worker': {
    files: ['accepts.ts', 'refuses.ts', 'testing.ts'],
    options: { lib: ['es2022', 'webworker', 'webworker.iterable'], types: [], module: 'esnext', moduleResolution: 'bundler' },
  },
  'a classic script': { files: ['script.ts'], options: { ...BROWSER, module: 'nodenext', moduleDetection: 'legacy' } },
};

let folder;

// As npm lays it out, but without its time: what a tarball holds is tested elsewhere.
before((t) => {
  folder = scratchFolder(t);
  const installed = join(folder, 'node_modules', 'tokenflight');
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(root, 'tests', 'types'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
});

for (const [name, { files, options }] of Object.entries(SETTINGS)) {
  test(`the types are right in ${name}`, () => check(files, options));
}

function check(files, options) {
  const compilerOptions = {
    strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false,
    noEmit: true, target: 'es2022',
    typeRoots: [join(root, 'node_modules', '@types')], ...options,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    execFileSync(tool('tsc'), ['--project', folder], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
}

// Their samples need the packages of tests/package, which compiles them there.
const ELSEWHERE = ['frameworks.md', 'guards.md', 'ssr.md', 'testing.md'].map((name) => join('docs', name));

test('the samples in README.md and docs/ are right, each as a module of its own', () => {
  const files = DOCUMENTS.filter((path) => !ELSEWHERE.includes(path)).flatMap((path) => writeSamples(path, folder).map(({ file }) => file));
  assert.ok(files.length > 15, `${files.length} samples`);
  check(['samples.d.ts', ...files], SETTINGS['an app of a bundler'].options);
});

test('the types name what the module has, no less and no more', async () => {
  const outfile = join(folder, 'names.mjs');
  await build({ entryPoints: [join(folder, 'names.ts')], outfile, format: 'esm', logLevel: 'silent' });
  const { exported, members, options } = await import(pathToFileURL(outfile).href);
  const module = await import(pathToFileURL(join(root, 'dist', 'index.js')).href);
  // `internals` is for tokenflight/testing alone.
  assert.deepEqual(Object.keys(module).filter((name) => name !== 'internals').sort(), Object.keys(exported).sort());
  const api = module.createApi(options);
  assert.deepEqual(Object.getOwnPropertyNames(api).filter((name) => !name.startsWith('__')).sort(), Object.keys(members).sort());
  // An unknown option is refused, so these are all known; and these are all that are:
  const source = readFileSync(join(root, 'src', 'shell', 'options.js'), 'utf8');
  const [, table] = /^const OPTIONS = \{\n(.*?)^\};$/ms.exec(source);
  assert.deepEqual([...table.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name).sort(), Object.keys(options).sort());
});

test('whatever is hovered over has a text', () => {
  for (const name of ['index', 'slim', 'react', 'vue', 'svelte', 'testing', 'devtools']) {
    const lines = readFileSync(join(root, 'dist', `${name}.d.ts`), 'utf8').split('\n');
    // A declaration of its own, or a member of one; not the further lines of an overload, nor re-exports.
    const declares = /^(export (declare )?(function|interface|type|class|const) \w|  (readonly )?\w+\??(: |\(|<))/;
    const bare = lines.filter((line, n) => declares.test(line) && !/\*\/$/.test(lines[n - 1]));
    assert.deepEqual(bare, [], `${name}.d.ts`);
  }
});
