// The imports of the compiled module, as wasm-bindgen's glue has them: each is caught, is a function of the shell, which
// does not throw (shell/imports.test.mjs), or does nothing that could. One that a crate brings in anew is found here.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/places.mjs';
import { imports } from '../shell/imported.mjs';

const glue = readFileSync(join(root, 'target', 'pkg', 'tokenflight.js'), 'utf8');
const ours = imports().map(({ name }) => name);

/** Calls that do not throw with what Rust hands them: numbers, strings of its memory, and objects of the shell. */
const HARMLESS = new Set([
  // The glue's own.
  'getObject', 'addHeapObject', 'takeObject', 'dropObject', 'addToExternrefTable0', 'isLikeNone', 'getStringFromWasm0', 'getArrayF64FromWasm0',
  'getDataViewMemory0', 'setFloat64', 'setInt32', 'makeMutClosure', '__wrap', '_wbg_cb_unref', 'table.set',
  // The language's.
  'Promise', 'Promise.resolve', 'Promise.reject', 'then', 'queueMicrotask', 'Float64Array', 'Float64Array.prototype.set.call', 'typeof', 'length',
]);
const KEYWORDS = /^(function|if|catch|return|typeof)$/;

/** The imports, by their short names. */
function importsOfGlue() {
  const [, object] = /const import0 = \{\n([^]*?)\n {4}\};\n/.exec(glue);
  return [...object.matchAll(/^\s*([\w$]+): ([^]*?),(?=\n\s*[\w$]+: (?:function\(|direct)|\s*$(?![^]))/gm)].map(([, name, body]) => ({ name, body })).filter(({ name }) => name !== '__proto__');
}

/** Returns the calls and reads of an import that are not known to be harmless. */
function doubts({ body }) {
  if (/^direct\d+$/.test(body)) return [];
  if (body.includes('handleError(')) return [];
  // A panic ends the instance, as it should: src/npm/guard.js goes on with another one.
  if (/^function\(arg0, arg1\) \{\s*throw new Error\(getStringFromWasm0\(arg0, arg1\)\);\s*\}$/.test(body)) return [];
  const code = body.replace(/\/\/.*/g, '').replace(/wasm_bindgen_\w+\(/g, '').replace(/\btry \{[^]*?\} catch[^]*?\}/g, '');
  const calls = [...code.matchAll(/([\w$]+(?:\.[\w$]+)*|\)\.[\w$]+|\)\.[\w$.]+)\s*\(/g)].map(([, called]) => called.replace(/^\)\./, '').replace(/^arg\d+\./, ''));
  const reads = [...code.matchAll(/(?:\)|arg\d+)\.([\w$]+)(?![\w$(.])/g)].map(([, read]) => read);
  return [...calls, ...reads].filter((one) => {
    const last = one.split('.').at(-1);
    return !KEYWORDS.test(one) && !HARMLESS.has(one) && !HARMLESS.has(last) && !ours.includes(last);
  });
}

test('every import of the module is caught, is the shell’s, or cannot throw', () => {
  const all = importsOfGlue();
  const wanted = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(join(root, 'dist', 'tokenflight.wasm'))));
  assert.deepEqual(all.map(({ name }) => name).sort(), wanted.filter(({ kind }) => kind === 'function').map(({ name }) => name).sort(),
    'wasm-bindgen writes its imports differently now');
  const doubtful = all.map((one) => ({ ...one, what: doubts(one) })).filter(({ what }) => what.length > 0);
  assert.deepEqual(doubtful.map(({ what, body }) => `${what}: ${body}`), [],
    'An exception that passes through WebAssembly ends the instance. Bind it with `catch`, or say in HARMLESS why it cannot throw.');
});

test('an import that could throw would be found', () => {
  for (const body of ['function(arg0) {\n const ret = getObject(arg0).localStorage;\n return addHeapObject(ret);\n }', 'function(arg0) {\n arg0.getItem(1);\n }',
    'function(arg0) {\n const ret = fetch(getObject(arg0));\n return ret;\n }']) {
    assert.notDeepEqual(doubts({ body }), []);
  }
});
