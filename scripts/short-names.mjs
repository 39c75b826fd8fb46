// Short names for what the WebAssembly and its glue call each other. wasm-bindgen's own are long, and the digits in them
// are what compresses worst.

import { readFileSync, writeFileSync } from 'node:fs';
import { ask, Explained } from './children.mjs';

const FEATURES = [
  'bulk-memory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext',
].map((feature) => `--enable-${feature}`);

// How the glue names them: the members of its object of imports, the object as the member of a module, and members
// of `wasm`.
const NAMES = /^ {8}(?<imported>\w+)(?=: )|^ {8}"(?<module>[^"]+)"(?=: import)|(?<=\bwasm\.)(?<exported>\w+)/gm;

/** Renames imports and exports, in the module and in its glue alike; both are files, which are written over. */
export function shortenNames(wasm, glue, options) {
  const args = [wasm, ...FEATURES, '--minify-imports-and-exports-and-modules', '-o', wasm];
  const map = ask('wasm-opt', args, options);
  if (map === null) throw new Explained('wasm-opt could not shorten the names of imports and exports.');
  const { imports, exports } = JSON.parse(map);
  const shortImports = new Map(imports.map(([, name, short]) => [name, short]));
  const shortExports = new Map(exports);
  const missing = new Set(shortImports.keys());
  const source = readFileSync(glue, 'utf8').replace(NAMES, (text, imported, module, exported) => {
    if (module) return text.replace(module, 'a');
    missing.delete(imported);
    return (imported ? shortImports.get(imported) : shortExports.get(exported)) ?? text;
  });
  if (missing.size > 0) throw new Explained(`Not in the glue as scripts/short-names.mjs expects it: ${[...missing]}`);
  writeFileSync(glue, source);
}
