// One origin: the provider with access tokens that are JWTs, a resource that takes them, and the page of every tab.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fastify from 'fastify';

import { seeded } from '../random.mjs';
import { createIdentity } from '../server/identity.mjs';
import { lifeOf } from '../server/life.mjs';
import { Gate } from './gate.mjs';

const LIFETIME = 600; // seconds; shorter than the clock jumps, so that these can make a good token look spent
const here = new URL('.', import.meta.url);

export async function startShop({ seed, file, ledger, control, settings }) {
  const modules = await readModules(file);
  const server = createServer({ keepAliveTimeout: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const gate = new Gate({ ledger, random: seeded(seed, 'gate') });
  const provider = createProvider(origin, gate, ledger);
  const errors = [];
  provider.on('server_error', (_context, error) => errors.push(`${error}`));

  const app = fastify({ logger: false });
  addPages(app, { modules, control, settings });
  addResource(app, { ledger, random: seeded(seed, 'resource') });
  await app.ready();
  const identity = provider.callback();
  const offline = new Set();
  server.on('request', (request, response) => {
    if (offline.has(lifeOf(request.headers.referer))) request.socket.destroy();
    else if (request.url.startsWith('/shop/')) app.routing(request, response);
    else identity(request, response);
  });
  return {
    origin, gate, errors,
    /** No request of this life arrives any more; for browsers that cannot be told to be offline. */
    setOffline(life, isOffline) {
      if (isOffline) offline.add(life);
      else offline.delete(life);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
    },
  };
}

function createProvider(origin, gate, ledger) {
  const long = () => 3 * 3600;
  const provider = createIdentity({
    origin, grace: 0,
    ttl: {
      AccessToken: () => LIFETIME, RefreshToken: long, Grant: long, Session: long, Interaction: () => 60, IdToken: () => 60,
    },
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `${origin}/shop/`,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid', audience: 'shop', accessTokenTTL: LIFETIME, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  provider.on('grant.revoked', () => ledger.revocations.push({ at: Date.now() }));
  provider.use(gate.middleware);
  return provider;
}

async function readModules(file) {
  const names = {
    'tokenflight.js': file,
    'random.js': new URL('../random.mjs', here),
    'clock.js': new URL('page/clock.js', here),
    'reporter.js': new URL('page/reporter.js', here),
    'tab.js': new URL('page/tab.js', here),
  };
  return Promise.all(Object.entries(names).map(async ([name, path]) => [name, await readFile(path)]));
}

function addPages(app, { modules, control, settings }) {
  app.get('/shop/tab/:client/:life', ({ params: { life } }, reply) => {
    const given = JSON.stringify({ ...settings, life, shift: control.shift, control: control.url });
    return reply.type('text/html').send(`<!doctype html><meta charset="utf-8"><title>tab ${life}</title>
<link rel="icon" href="data:,"><script>globalThis.settings = ${given}</script>
<script src="/shop/modules/clock.js"></script><script type="module" src="/shop/modules/tab.js"></script>`);
  });
  for (const [name, code] of modules) {
    app.get(`/shop/modules/${name}`, (_request, reply) => reply.type('text/javascript').send(code));
  }
}

/** Takes every access token that the plan has not let expire: a JWT alone would be good until its `exp`. */
function addResource(app, { ledger, random }) {
  app.register(async (resource) => {
    resource.addHook('onRequest', async (request, reply) => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      const isAccepted = ledger.visit(request.query.call, ledger.ofAccessToken(token));
      await sleep(random.between(0, 30));
      reply.header('cache-control', 'no-store');
      if (!isAccepted) return reply.code(401).send({ error: 'invalid_token' });
    });
    resource.get('/shop/resource', async () => ({ ok: true }));
    resource.post('/shop/orders', async ({ query, body }) => {
      ledger.call(query.call).bodies.push(JSON.stringify(body));
      return { ok: true };
    });
  });
}
