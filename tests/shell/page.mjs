// A page for the modules of the shell, which Node has none of; and a server that tells what has arrived.

import { createServer } from 'node:http';

import { Origins } from '../../src/shell/origins.js';
import { readOptions } from '../../src/shell/options.js';

/** Calls `act` as in a page with these globals. */
export async function inPage(globals, act) {
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    return await act();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  }
}

/** The globals of a page at `href`. */
export const pageAt = (href, baseURI = href) => ({
  origin: new URL(href).origin, location: { href, origin: new URL(href).origin }, document: { baseURI },
});

export const settingsOf = (options) => readOptions(options, 'createApi: ');
export const originsOf = (options) => new Origins(settingsOf(options));

/** A server that answers with the raw headers, the method and the body that have arrived. */
export async function startEcho(t) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { method, url, rawHeaders } = request;
    const body = Buffer.concat(parts).toString('latin1');
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method, url, rawHeaders, body }));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${server.address().port}`;
}
