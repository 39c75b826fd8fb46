/**
 * The compiled module, as the tool at hand hands it out: a compiled `WebAssembly.Module` (Workers runtimes), or the URL of
 * the file (a bundler's asset). `init` of `tokenflight/slim` takes either.
 *
 * @packageDocumentation
 */

import type { CompiledModule } from './slim.js';

/** The argument of `init`. */
declare const source: string | CompiledModule;
export default source;
