// How many tests passed and failed, by the closing lines of those who ran them.

import { stripVTControlCharacters } from 'node:util';

/** cargo test and wasm-bindgen's runner: one line for each test binary. */
export function cargoCounts(text) {
  return { passed: sum(text, /^test result: .*?(\d+) passed/gm), failed: sum(text, /^test result: .*?(\d+) failed/gm) };
}

/** node --test. A test that was cut off has not passed. */
export function nodeCounts(text) {
  return { passed: sum(text, /^ℹ pass (\d+)$/gm), failed: sum(text, /^ℹ (?:fail|cancelled) (\d+)$/gm) };
}

function sum(text, pattern) {
  const matches = stripVTControlCharacters(text).matchAll(pattern);
  return [...matches].reduce((total, [, count]) => total + Number(count), 0);
}
