// Serves the page, the package's file, and the API.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { api } from '../api.mjs';

const FILES = {
  '/': ['text/html; charset=utf-8', './index.html'],
  '/tokenflight.js': ['text/javascript; charset=utf-8', './node_modules/tokenflight/dist/index.js'],
};
const { values } = parseArgs({ options: { port: { type: 'string', default: '5173' }, host: { type: 'string' }, strictPort: { type: 'boolean' } } });

createServer((request, response) => api(request, response, () => {
  const [type, file] = FILES[request.url] ?? [];
  if (!file) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': type }).end(readFileSync(new URL(file, import.meta.url)));
})).listen(Number(values.port), '127.0.0.1', () => console.log(`Open http://127.0.0.1:${values.port}`));
