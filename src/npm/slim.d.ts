/**
 * `tokenflight` without the WebAssembly inside: you say where it is, and the browser compiles it while it arrives.
 *
 * @example
 * import { createApi, init } from 'tokenflight/slim';
 * import url from 'tokenflight/tokenflight.wasm?url'; // Vite
 *
 * await init(url);
 * const api = createApi();
 *
 * @packageDocumentation
 */

import type { UnsupportedRuntimeError } from './index.js';

export * from './index.js';

/**
 * Instantiates the module, once; has to be done before `createApi`, which otherwise throws an `InvalidStateError`
 * `DOMException`. A call that fails may be tried again.
 *
 * @param source where the bytes of `tokenflight/tokenflight.wasm` are: a URL, the response of a `fetch`, the bytes
 * themselves, or a module that was compiled already.
 *
 * Rejects with a `TypeError` when there is something else, with {@link UnsupportedRuntimeError} when it cannot be
 * compiled here, and as `fetch` does.
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

/** The argument of {@link init}. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | CompiledModule;

/** A `WebAssembly.Module`, of which TypeScript knows no more than that it is an object. */
export type CompiledModule = object;
