// One origin: the provider, a protected resource that asks it about every token, and the pages.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fastify from 'fastify';

import { seeded } from '../random.mjs';
import { Gate } from './gate.mjs';
import { Generations } from './generations.mjs';
import { createIdentity } from './identity.mjs';
import { Orders } from './orders.mjs';
import { Refreshes } from './refreshes.mjs';

const here = new URL('.', import.meta.url);
const PAGE = `<!doctype html><meta charset="utf-8"><title>shop</title><link rel="icon" href="data:,">
<script type="module" src="/shop/modules/tab.js"></script>`;
const LOGIN = '<!doctype html><meta charset="utf-8"><title>login</title><link rel="icon" href="data:,">';

/** Returns the modules that the pages import; `file` is the package to test. */
const modules = (file) => ({
  'tokenflight.js': file,
  'axios.js': new URL('../../../node_modules/axios/dist/esm/axios.min.js', here),
  'random.js': new URL('../random.mjs', here),
  'tab.js': new URL('../page/tab.js', here),
  'client-tokenflight.js': new URL('../page/client-tokenflight.js', here),
  'client-interceptor.js': new URL('../page/client-interceptor.js', here),
  'client-reference.js': new URL('../page/client-reference.js', here),
});

export async function startShop({ seed, grace, delays, file }) {
  const pages = await readAll(modules(file)); // first: a missing file shall not leave a server behind
  // No time limit on idle connections: closing one just when a request is sent would look like an outage.
  const server = createServer({ keepAliveTimeout: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;

  const generations = new Generations();
  const refreshes = new Refreshes();
  const orders = new Orders();
  const gate = new Gate({
    refreshes, generations, delays, dropsCut: grace === 0, random: seeded(seed, 'gate'),
  });
  const provider = createIdentity({ origin, grace, random: seeded(seed, 'lifetimes') });
  const shop = { origin, generations, refreshes, orders, gate, revoked: 0, errors: [] };
  provider.on('grant.revoked', () => { shop.revoked += 1; });
  provider.on('server_error', (_context, error) => shop.errors.push(error));
  provider.use(gate.middleware);

  const app = fastify({ logger: false });
  addPages(app, pages);
  addResource(app, { provider, generations, refreshes, orders, random: seeded(seed, 'resource') });
  await app.ready();
  const identity = provider.callback();
  server.on('request', (request, response) => {
    const handle = /^\/(shop\/|login\b)/.test(request.url) ? app.routing : identity;
    handle(request, response);
  });
  shop.close = async () => {
    gate.release();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await app.close();
  };
  return shop;
}

function addPages(app, pages) {
  const html = (page) => (_request, reply) => reply.type('text/html').send(page);
  app.get('/shop/tab/:client/:life', html(PAGE));
  app.get('/login', html(LOGIN));
  for (const [name, code] of pages) {
    app.get(`/shop/modules/${name}`, (_request, reply) => reply.type('text/javascript').send(code));
  }
}

function readAll(files) {
  return Promise.all(Object.entries(files).map(async ([name, path]) => [name, await readFile(path)]));
}

function addResource(app, { provider, generations, refreshes, orders, random }) {
  app.register(async (resource) => {
    resource.addHook('onRequest', async (request, reply) => {
      await sleep(random.between(0, 25));
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      const stored = token && await provider.AccessToken.find(token);
      const isAccepted = Boolean(stored) && !stored.isExpired;
      const generation = generations.ofAccessToken(token);
      if (generation) generations.met(generation, isAccepted, Number(request.query.call));
      refreshes.changed();
      if (isAccepted) return;
      await sleep(random.between(0, 25));
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      return reply.code(401).send({ error: 'invalid_token' });
    });
    resource.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    resource.get('/shop/resource', async () => {
      await sleep(random.between(0, 25));
      return { ok: true };
    });
    resource.post('/shop/orders', async (request, reply) => {
      const isNew = orders.accept(request.body.id, Number(request.query.call));
      await sleep(random.between(0, 25));
      return reply.code(isNew ? 201 : 200).send({ id: request.body.id });
    });
  });
}
