import { initSync, createApi as create } from 'tokenflight-glue';
import wasm from 'tokenflight-wasm';

let ready = false;

/** Instantiates the module at the first call: importing costs nothing, and there is nothing to await. */
function instantiate() {
  if (ready) return;
  // Each character is one higher than its byte: see scripts/build.mjs.
  const module = Uint8Array.from(wasm, (character) => character.charCodeAt(0) - 1);
  initSync({ module });
  ready = true;
}

export function createApi(options) {
  instantiate();
  return create(options);
}

export {
  HttpError,
  RefreshUnavailableError,
  SessionChangedError,
  SignInRequiredError,
} from './errors.js';
