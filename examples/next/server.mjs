// Starts the API and Next.js in one process, each on a port of its own. `--build`: what `npm run build` has made.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { api } from '../api.mjs';

const { values: { build, host, port } } = parseArgs({
  options: {
    build: { type: 'boolean', default: false },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '3000' },
    strictPort: { type: 'boolean' },
  },
});

/** Resolves with the port. */
async function listen(handler, at) {
  const server = createServer(handler).listen(at, host);
  await once(server, 'listening');
  return server.address().port;
}

if (build) process.env.NODE_ENV = 'production';
process.env.API_URL = `http://${host}:${await listen((request, response) => (
  api(request, response, () => response.writeHead(404).end())
), 0)}/api`;
// Reads NODE_ENV when it is imported.
const { default: next } = await import('next');
const app = next({ dev: !build, dir: import.meta.dirname, hostname: host, port: Number(port) });
await app.prepare();
await listen(app.getRequestHandler(), Number(port));
console.log(`Open http://${host}:${port}`);
