// The last of optimizing: short names for what the WebAssembly and its glue call each other, since wasm-bindgen's own
// are long and the digits in them are what compresses worst; and what wasm-opt finds on a second visit.

import { readFileSync, writeFileSync } from 'node:fs';
import { ask, Explained } from './children.mjs';

const FEATURES = [
  'bulk-memory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext',
].map((feature) => `--enable-${feature}`);
// Work that wasm-pack's own run leaves: sections that nobody reads, and control flow that gets shorter each time that it is
// rebuilt. The rest is as in src/npm/Cargo.toml.
const SMALLER = [
  '--strip-producers', '--strip-target-features', '--flatten', '--rereloop', '-Oz', '--flatten', '--rereloop', '-Oz', '-Oz',
  '--one-caller-inline-max-function-size=250', '--skip-pass=local-cse', '--low-memory-unused',
];

// Names in the glue: the members of its imports object, and members of `wasm`.
const NAMES = /^ {8}(?<imported>\w+)(?=: )|(?<=\bwasm\.)(?<exported>\w+)/gm;
// A module of the crate some of whose functions need no conversion, so that the WebAssembly imports them as they are.
const NAMESPACE = /^import \* as (?<namespace>import\d+) from "(?<module>[^"]+)";?$/gm;
// The object with the glue's own functions, and the object of all modules.
const OWN = /^( {4}const import0 = \{\n {8}__proto__: null,\n)/m;
const MODULES = /^ {4}return \{\n {8}__proto__: null,\n(?<members>(?: {8}"[^"]+": import\d+,\n)+) {4}\};\n/m;

/** Renames imports and exports, in the module and in its glue alike; both are files, which are written over. Returns
 *  the new names of the exports by their old ones. */
export function shortenNames(wasm, glue, options) {
  // All modules get one name, too.
  const args = [wasm, ...FEATURES, ...SMALLER, '--minify-imports-and-exports-and-modules', '-o', wasm];
  const map = ask('wasm-opt', args, options);
  if (map === null) throw new Explained('wasm-opt failed: it was to shorten the names of imports and exports.');
  const { imports, exports } = JSON.parse(map);
  const { source, modules } = gatherModules(readFileSync(glue, 'utf8'));
  const isDirect = ([module]) => modules.has(module);
  const own = new Map(imports.filter((each) => !isDirect(each)).map(([, name, short]) => [name, short]));
  const ofExports = new Map(exports);
  writeFileSync(glue, addDirect(renameOwn(source, own, ofExports), imports.filter(isDirect)));
  return ofExports;
}

/** The glue with one object for the imports of all modules, and which modules have gone from it. */
function gatherModules(source) {
  const namespaces = new Map(Array.from(source.matchAll(NAMESPACE), ({ groups }) => [groups.namespace, groups.module]));
  const found = MODULES.exec(source);
  if (!found || !OWN.test(source)) unexpected('the object of import modules');
  // A namespace for each function, though they may be of one module.
  const used = Array.from(found.groups.members.matchAll(/import\d+(?=,$)/gm), String);
  const known = ['import0', ...namespaces.keys()];
  const odd = [...used.filter((each) => !known.includes(each)), ...known.filter((each) => !used.includes(each))];
  if (odd.length > 0) unexpected(`both the import and the use of ${odd.join(', ')}`);
  const gathered = source.replace(NAMESPACE, '')
    .replace(MODULES, '    return {\n        __proto__: null,\n        a: import0,\n    };\n');
  return { source: gathered, modules: new Set(namespaces.values()) };
}

function renameOwn(source, imports, exports) {
  const missing = new Set(imports.keys());
  const renamed = source.replace(NAMES, (text, imported, exported) => {
    missing.delete(imported);
    return (imported ? imports.get(imported) : exports.get(exported)) ?? text;
  });
  if (missing.size > 0) unexpected([...missing].join(', '));
  return renamed;
}

/** The glue with the functions that need no conversion among its imports: `[module, name, short]` each. */
function addDirect(source, imports) {
  const heads = imports.map(([module, name], n) => `import { ${name} as direct${n} } from "${module}";\n`);
  const members = imports.map(([, , short], n) => `        ${short}: direct${n},\n`);
  return heads.join('') + source.replace(OWN, (own) => own + members.join(''));
}

function unexpected(what) {
  throw new Explained(`wasm-bindgen's glue is not as scripts/short-names.mjs expects it: it cannot find ${what}.\n`
    + 'Compare target/pkg/tokenflight.js with the patterns in that script; another version of wasm-bindgen may write '
    + 'it in another way.');
}
