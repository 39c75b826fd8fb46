// `tokenflight`: one file with everything in it. The module is instantiated at the first call, so that importing
// costs nothing and there is nothing to await.

import bytes from './bytes.js';
import { createApi as create, instantiate } from './instance.js';

export function createApi(options) {
  instantiate(bytes);
  return create(options);
}

export * from './errors.js';
