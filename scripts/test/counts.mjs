// Reads from the output of a test runner how many tests passed and failed, and if any began.

import { stripVTControlCharacters } from 'node:util';

/** cargo test and wasm-bindgen's runner: one line for each test binary. */
export function cargoCounts(text) {
  return { passed: sum(text, /^test result: .*?(\d+) passed/gm), failed: sum(text, /^test result: .*?(\d+) failed/gm) };
}

/** Tells if, by the output of wasm-bindgen's runner, the browser went silent before its first test. */
export function brokeBeforeTests(text) {
  return /^running \d+ tests?\s+Failed to detect test as having been run/m.test(stripVTControlCharacters(text));
}

/** node --test. A test that was cut off has not passed. */
export function nodeCounts(text) {
  return { passed: sum(text, /^ℹ pass (\d+)$/gm), failed: sum(text, /^ℹ (?:fail|cancelled) (\d+)$/gm) };
}

function sum(text, pattern) {
  const matches = stripVTControlCharacters(text).matchAll(pattern);
  return [...matches].reduce((total, [, count]) => total + Number(count), 0);
}
