// The functions of the shell that Rust calls, as src/door/shell.rs declares them.

import { readFileSync } from 'node:fs';

const source = readFileSync(new URL('../../src/door/shell.rs', import.meta.url), 'utf8');

const IMPORT = /(?:#\[wasm_bindgen\(([^\]]*)\)\]\s*)?(?:#\[cfg\(([^\]]*)\)\]\s*)?pub\(crate\) fn (\w+)\(\s*([^)]*)\)\s*(?:-> ([^;]+))?;/g;

/** Returns the imports of `src/door/shell.rs`: their class (none: a function of a module), name, arguments and result. */
export function imports() {
  return [...source.matchAll(IMPORT)].map(([, attribute = '', feature = '', rustName, list, result = '()']) => {
    const parts = list.split(',').map((part) => part.trim()).filter(Boolean).map((part) => part.split(/:\s*&?/));
    const [owner] = parts[0]?.[0] === 'this' ? parts.shift().slice(1) : [];
    return {
      owner, parts, result, rustName,
      name: /js_name = (\w+)/.exec(attribute)?.[1] ?? rustName,
      isGetter: /\bgetter\b/.test(attribute),
      isCaught: /\bcatch\b/.test(attribute),
      isOfWeb: feature.includes('web'),
    };
  });
}

/** How many functions are declared there, however they are written. */
export const declared = [...source.matchAll(/\bfn \w+\(/g)].length;
