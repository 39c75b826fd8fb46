// `tokenflight/slim`: without the bytes. The application says where they are, and the browser compiles them while
// they arrive.

import { createApi as create } from 'tokenflight-glue';
import { blocked, instantiate, isInstantiated, refuseOldRuntimes } from './instance.js';

const WHERE = 'Pass it the URL under which your server has tokenflight/tokenflight.wasm.';

export async function init(source) {
  if (isInstantiated()) return;
  refuseOldRuntimes();
  const module = await moduleOf(await source);
  instantiate(() => module);
}

export function createApi(options) {
  if (!isInstantiated()) {
    throw new DOMException('createApi of tokenflight/slim was called before `await init(…)` was done.', 'InvalidStateError');
  }
  return create(options);
}

export * from './errors.js';

function moduleOf(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return compile(source);
  if (source instanceof Response) return compileResponse(source);
  if (typeof source === 'string' || source instanceof URL) return fetch(source).then(compileResponse);
  throw new TypeError(`init: expected a URL, a Response, bytes or a WebAssembly.Module. ${WHERE}`);
}

function compileResponse(response) {
  if (!response.ok) throw new TypeError(`init: ${response.url} answered ${response.status}. ${WHERE}`);
  const type = response.headers.get('Content-Type');
  // Browsers compile while the bytes arrive, but only what is called by its right name.
  if (type === 'application/wasm') return WebAssembly.compileStreaming(response).catch(refuse);
  return response.arrayBuffer().then((bytes) => {
    // Servers of single-page applications answer 200 and a page to any path.
    if (new TextDecoder().decode(bytes.slice(0, 4)) !== '\0asm') {
      throw new TypeError(`init: ${response.url} is not WebAssembly; its Content-Type is ${type}. ${WHERE}`);
    }
    return compile(bytes);
  });
}

function compile(bytes) {
  return WebAssembly.compile(bytes).catch(refuse);
}

function refuse(cause) {
  throw blocked(cause);
}
