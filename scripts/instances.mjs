// wasm-bindgen's glue serves one instance of the module for as long as the page lives. Here it becomes a function that
// makes an instance, since after a trap another one takes over (src/npm/guard.js). Each has classes, finalizers and
// views of its memory of its own, so that nothing of one can reach into another.

import { readFileSync, writeFileSync } from 'node:fs';
import { Explained } from './children.mjs';

const IMPORTS = /^import .*\n/gm;
const EXPORTS = /^export (?:(?<definition>class|function) (?<name>\w+)|\{ (?<local>\w+) as (?<exported>\w+) \})/gm;
// The part of the glue that makes an instance. It is removed; only the call that starts the module is kept.
const LOADING = /^let wasmModule, wasmInstance, wasm;\n[^]*?(?:\n {4}wasm\.(?<begin>\w+)\(\);)?\n {4}return wasm;\n[^]*/m;
// Parts of the glue that are replaced by shorter ones. If wasm-bindgen writes one differently, it stays as it is.
const SHORTER = [
  // Nobody declares its classes by `using`.
  [/^if \(Symbol\.dispose\) .*\n/gm, ''],
  // The driver of a task frees it (src/shell/drive.js). Registering a thousand of them costs as much as sending them.
  [/^const TaskFinalization = [^]*?;\n|^.*\bTaskFinalization\..*\n/gm, ''],
  // Nothing frees a core but its finalizer.
  [/(?<=^export class Core \{\n[^]*?)^ {4}__destroy_into_raw\(\) \{[^]*?\n {4}free\(\) \{[^]*?\n {4}\}\n/m, ''],
  // Cores come from `connect` alone.
  [/^function _assertClass\([^]*?\n}\n|^.*\b_assertClass\(.*\n/gm, ''],
  // A decoder that is kept has to be renewed in Safari after 2 GB. These are some messages.
  [/^let cachedTextDecoder [^]*?\n}\n/m, 'const decodeText = (bytes) => new TextDecoder().decode(bytes);\n'],
  // Views that are kept have to be renewed as well.
  [/^let cached\w+ = null;\nfunction (get(\w+)Memory0)\(\) \{\n[^]*?(wasm\.\w+\.buffer)[^]*?\n}\n/gm,
    'const $1 = (ptr, len) => new $2($3, ptr, len);\n'],
  [/(\bget\w+Memory0\()\)\.subarray\(ptr(?: \/ 8)?, ptr(?: \/ 8)? \+ len\)/g, '$1ptr, len)'],
  // An argument becomes a number where it enters the WebAssembly.
  [/(?<=^ +const val\d+ = )\+/gm, ''],
  // Rust owns the closures that it hands out, so that they are not collected before it lets them go.
  [/^const CLOSURE_DTORS = [^]*?;\n|^.*\bCLOSURE_DTORS\..*\n/gm, ''],
  // WebAssembly asks these objects for its imports alone, so that what they inherit does no harm.
  [/^ +__proto__: null,\n/gm, ''],
  // `free` alone calls it.
  [/^ {4}__destroy_into_raw\(\) \{\n([^]*?) {8}return ptr;\n {4}\}\n([^]*?) {8}const ptr = this\.__destroy_into_raw\(\);\n/m, '$2$1'],
  // Every supported runtime has `globalThis`, so that the others are never asked for.
  [/typeof globalThis === 'undefined' \? undefined : globalThis/g, 'globalThis'],
  [/(function\(\) \{\n).*typeof (?:global|self|window) === .*\n.*\n/g, '$1            return 0;\n'],
];
// Exports that JavaScript calls by itself: when a promise settles, or when an object has been collected.
const BY_ITSELF = /closures_+invoke|^__wbindgen_destroy_closure$|^__wbg_\w+_free$/;

/**
 * Writes the glue anew, as a module whose default export makes an instance of a `WebAssembly.Module`.
 *
 * @param {string} glue its file
 * @param {Map<string, string>} exports the names of the WebAssembly's exports, as they were and as they are
 */
export function makeInstances(glue, exports) {
  const source = readFileSync(glue, 'utf8');
  const loading = LOADING.exec(source);
  if (!loading) {
    throw new Explained("wasm-bindgen's glue is not as scripts/instances.mjs expects it: it cannot find where an "
      + 'instance is made.\nCompare target/pkg/tokenflight.js with the patterns in that script; another version of wasm-bindgen '
      + 'may write it in another way.');
  }
  const members = [];
  const own = source.slice(0, loading.index).replace(IMPORTS, '');
  const short = SHORTER.reduce((text, [long, shorter]) => text.replace(long, shorter), own);
  const body = short.replace(EXPORTS, (...match) => {
    const { definition, name, local, exported } = match.at(-1);
    // Functions make the cores and the tasks, so that nobody needs their classes.
    if (definition !== 'class') members.push(exported ? `${exported}: ${local}` : name);
    return definition ? `${definition} ${name}` : '';
  });
  const quiet = [...exports].filter(([long]) => BY_ITSELF.test(long)).map(([, short]) => short);
  const { begin } = loading.groups;
  writeFileSync(glue, `${source.match(IMPORTS).join('')}import { guard } from 'tokenflight-guard';
export default function connect(module, onTrap) {
${body}
const instance = new WebAssembly.Instance(module, __wbg_get_imports());
const wasm = guard(instance.exports, ${JSON.stringify(quiet)}, onTrap);
${begin ? `wasm.${begin}();\n` : ''}return { ${members.join(', ')} };
}
`);
}
