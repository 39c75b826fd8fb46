// `tokenflight`: one file with everything in it. The module is instantiated at the first call, so that importing
// costs nothing and there is nothing to await.

import bytes from './bytes.js';
import { compile, createApi as create, instantiate, requireWebAssembly } from './instance.js';

export function createApi(options) {
  instantiate(() => {
    requireWebAssembly();
    return compile(bytes());
  });
  return create(options);
}

export * from './errors.js';
export { internals } from './instance.js';
