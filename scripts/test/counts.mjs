// How tests went, by what those who ran them print: how many passed and failed, and whether any began.

import { stripVTControlCharacters } from 'node:util';

/** cargo test and wasm-bindgen's runner: one line for each test binary. */
export function cargoCounts(text) {
  return { passed: sum(text, /^test result: .*?(\d+) passed/gm), failed: sum(text, /^test result: .*?(\d+) failed/gm) };
}

/** Whether a browser, as wasm-bindgen's runner tells of it, went silent after it had been given its tests. */
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
