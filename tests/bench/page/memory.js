// Leftovers of many calls. The page is asked for one portion at a time; in between, the heap is inspected.

import { create } from '../candidates/tokenflight-fetch.js';
import { createApi } from 'tokenflight';
import { signIn } from './tokens.js';
import { answering, expired } from './world.js';

const URL = '/api/orders/17';
const AT_ONCE = 1000;

// The glue keeps its instance to itself, so it is caught where it is made. This has to be evaluated before the first
// `createApi`, which is what makes it.
const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

/** Pages of the WebAssembly memory and slots of the table that holds JavaScript values. */
export function wasm() {
  const exports = instances.flatMap((instance) => Object.values(instance.exports));
  const all = (Kind) => exports.filter((value) => value instanceof Kind);
  const sum = (values, size) => values.reduce((total, value) => total + size(value), 0);
  return {
    pages: sum(all(WebAssembly.Memory), ({ buffer }) => buffer.byteLength / 65_536),
    slots: sum(all(WebAssembly.Table).filter(holdsValues), ({ length }) => length),
  };
}

/** A table of functions takes nothing but functions of a module. */
function holdsValues(table) {
  try {
    table.set(0, table.get(0) ?? undefined); // null would be taken by both
    return true;
  } catch {
    return false;
  }
}

const KINDS = {
  calls() {
    signIn();
    const client = create({ fetch: answering });
    return () => Promise.all(Array.from({ length: AT_ONCE }, () => client.getJson(URL)));
  },
  unauthorized() {
    signIn();
    let server;
    const client = create({ fetch: (...args) => server.fetch(...args) });
    return () => {
      server = expired();
      return Promise.all(Array.from({ length: AT_ONCE }, () => client.getJson(URL)));
    };
  },
  aborts() {
    signIn();
    const api = createApi({ fetch: neverAnswering });
    const abortOne = () => {
      const controller = new AbortController();
      const ended = api.fetch(URL, { signal: controller.signal }).catch(({ name }) => name);
      controller.abort();
      return ended;
    };
    return async () => {
      const names = await Promise.all(Array.from({ length: AT_ONCE }, abortOne));
      if (!names.every((name) => name === 'AbortError')) throw new Error('an aborted call did not say so');
    };
  },
};

function neverAnswering(input, { signal }) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

let portion;

/** Begins anew with one kind. */
export function begin(kind) {
  portion = KINDS[kind]();
}

/** Goes on with what `begin` has begun. */
export async function goOn(count) {
  for (let n = 0; n < count; n += AT_ONCE) await portion();
}
