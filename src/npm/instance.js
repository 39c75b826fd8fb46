// The one instance of the WebAssembly module, whichever way its bytes came.

import { initSync } from 'tokenflight-glue';
import { UnsupportedRuntimeError } from './errors.js';

// A module that names one external reference in a type, and nothing else.
const REFERENCE_TYPES = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 111, 0);

let isReady = false;

export const isInstantiated = () => isReady;

/** @param {() => BufferSource | WebAssembly.Module} source asked only when there is no instance yet */
export function instantiate(source) {
  if (isReady) return;
  refuseOldRuntimes();
  const module = source();
  try {
    initSync({ module });
  } catch (cause) {
    throw blocked(cause);
  }
  isReady = true;
}

export function refuseOldRuntimes() {
  if (typeof WebAssembly !== 'object') {
    throw new UnsupportedRuntimeError('tokenflight needs WebAssembly, which this runtime does not have or has switched '
      + 'off (as the Lockdown Mode of Apple devices does).');
  }
  if (!WebAssembly.validate(REFERENCE_TYPES)) {
    throw new UnsupportedRuntimeError('tokenflight needs WebAssembly with reference types, which this browser is too '
      + 'old for: Chrome 114, Firefox 94, Safari 16.4 or later have them.');
  }
}

/** What to say when the runtime could compile the module, but would not. */
export function blocked(cause) {
  return new UnsupportedRuntimeError('WebAssembly could not be compiled here: most likely the Content-Security-Policy '
    + "of the page blocks it. Add 'wasm-unsafe-eval' to its script-src.", { cause });
}
