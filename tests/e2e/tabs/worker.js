// A worker of any kind, as the tests beside this folder use it: it does what it is asked for by messages.

import { begin, send } from '/kit.js';

let own;

const acts = {
  begin(options) { own = begin(options); },
  signIn: (tokens) => own.api.signIn(tokens),
  send: (count) => send(own.api, count),
  heard: () => own.heard,
  signedOut: () => own.signedOut,
};

/** Each message brings the port to answer to. */
async function answer({ data: { act, given }, ports: [port] }) {
  try {
    port.postMessage({ value: await acts[act](given) });
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
}

globalThis.addEventListener('message', answer);
globalThis.addEventListener('connect', ({ ports: [port] }) => { port.onmessage = answer; });
