// One imitated server with the pages beside it, for one test.

import { randomBytes } from 'node:crypto';

import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import jwt from '@fastify/jwt';
import statics from '@fastify/static';
import fastify from 'fastify';

import { CLIENT_ID } from '../../provider/server/identity.mjs';
import { IMITATIONS } from './imitations.mjs';
import { noteRoutes } from './notes.mjs';
import { Store, USER } from './store.mjs';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** `pages` is the folder of the pages. */
export async function startWorld(name, { pages }) {
  const { plugin, provider, isElsewhere = false, callback, renews } = IMITATIONS[name];
  const site = await newServer();
  const other = await newServer({ isElsewhere });
  const store = new Store(site.jwt);
  // In its last fifth, there is time for all tries of a refresh.
  if (renews === 'before') store.lifetime = 8;
  const world = { store, clientId: CLIENT_ID };
  if (isElsewhere) other.register(plugin, world);
  else other.get('/authorize', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Sign in</title>'));
  world.otherURL = await other.listen(ANYWHERE);
  let identity;
  if (provider) noteRoutes(site, { store, path: '/api/notes', guard: (...args) => identity.guard(...args) });
  else if (!isElsewhere) site.register(plugin, world);
  servePages(site, pages);
  world.pageURL = await site.listen(ANYWHERE);
  identity = await provider?.(world);
  return {
    url: world.pageURL,
    store,
    /** For import.meta.env of the recipe. */
    env: { api: world.otherURL, issuer: identity?.issuer, clientId: CLIENT_ID },
    /** The arguments of the recipe's `signIn`. */
    credentials: async () => identity?.credentials() ?? (callback ? [] : [`${USER}@example.com`, USER]),
    close: () => Promise.all([site.close(), other.close(), identity?.close()]),
  };
}

async function newServer({ isElsewhere = false } = {}) {
  const app = fastify({ logger: false, forceCloseConnections: true });
  await app.register(cookie);
  await app.register(jwt, { secret: randomBytes(32) });
  if (isElsewhere) {
    await app.register(cors, { origin: true, credentials: true, exposedHeaders: ['authorization', 'retry-after'] });
  }
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request, body) => (
    Object.fromEntries(new URLSearchParams(body))
  ));
  return app;
}

function servePages(app, root) {
  app.register(statics, { root, cacheControl: false });
  // No content: the browser stays on the page that it was told to leave, and the test can go on asking it.
  app.get('/login', (_request, reply) => reply.code(204).send());
}
