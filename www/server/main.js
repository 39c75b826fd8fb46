import { parseArgs } from 'node:util';

import { buildServer } from './app.js';

const HOST = '127.0.0.1';

const { values } = parseArgs({
  options: { port: { type: 'string' }, test: { type: 'boolean', default: false } },
});
const port = Number(values.port ?? process.env.PORT ?? 4180);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`"${values.port ?? process.env.PORT}" is not a port.`);

// As slow as a near server on the Internet, so that the demo's time line shows what happens while one waits.
const latency = values.test ? 0 : 80;

const app = await buildServer({ testing: values.test, latency });
const url = await app.listen({ port, host: HOST, backlog: 2048 }).catch(explain);
const other = values.test ? await app.listenAlso(port && port + 1).catch(explain) : null;
console.log(`\nOpen ${url} and press "Submit the order". Everything is kept in memory. Ctrl-C stops.`);
if (other) console.log(`${other} is the same, as another origin.`);

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    await app.close();
    process.exit(0);
  });
}

/**
 * @param {NodeJS.ErrnoException & { port?: number }} error
 * @returns {never}
 */
function explain(error) {
  if (error.code === 'EADDRINUSE') fail(`Port ${error.port} is taken. Choose another one: PORT=4190 npm start`);
  fail(error.message);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
