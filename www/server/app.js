import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import jwt from '@fastify/jwt';
import statics from '@fastify/static';
import fastify from 'fastify';

import { pause } from './faults.js';
import { addSecondOrigin } from './second-origin.js';
import { Sessions } from './sessions.js';
import { Shop } from './shop.js';
import { demoRoutes, shopRoutes } from './shop-routes.js';
import { signInRoutes } from './sign-in.js';
import { testRoutes } from './testing.js';

const PAGE = join(import.meta.dirname, '..', 'dist');

// `null`: after a redirect from one of these origins to another.
const LOOPBACK = /^(null|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)$/;

// WebAssembly needs 'wasm-unsafe-eval'; everything else comes from this server.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/**
 * @typedef {object} ServerOptions
 * @property {boolean} [testing] adds `/api/test` and answers other loopback origins; default: off
 * @property {boolean} [policy] sends the page's Content-Security-Policy; default: on, but off when testing
 * @property {number} [latency] milliseconds that each answer of the API takes longer; default: 0
 * @property {string} [page] the folder of the built page
 */

/**
 * The demo's server, not yet listening. Everything is kept in memory.
 *
 * @param {ServerOptions} [options]
 */
export async function buildServer({ testing = false, policy = !testing, latency = 0, page = PAGE } = {}) {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    // Unknown names are refused where a schema says so, rather than dropped in silence.
    ajv: { customOptions: { removeAdditional: false, allowUnionTypes: true } },
  });
  await app.register(cookie);
  await app.register(jwt, { secret: randomBytes(32) });
  if (testing) {
    await app.register(cors, { delegator: corsFor });
    addSecondOrigin(app);
  }

  app.decorate('sessions', new Sessions(app.jwt));
  app.decorate('shop', new Shop());
  app.decorateRequest('session', /** @type {any} */ (null));
  app.decorateRequest('refusal', null);
  acceptForms(app);
  app.setErrorHandler(answerError);

  app.register(async (api) => {
    if (latency > 0) api.addHook('onRequest', () => pause(latency));
    api.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    api.register(signInRoutes);
    api.register(shopRoutes);
    api.register(demoRoutes, { prefix: '/demo' });
    if (testing) api.register(testRoutes, { prefix: '/test' });
  }, { prefix: '/api' });
  servePage(app, page, policy);
  return app;
}

/**
 * @param {import('fastify').FastifyRequest} request
 * @param {(error: Error | null, options: import('@fastify/cors').FastifyCorsOptions) => void} done
 */
function corsFor(request, done) {
  done(null, {
    origin: LOOPBACK,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    exposedHeaders: ['retry-after', 'www-authenticate', 'location', 'content-length', 'date'],
    maxAge: 600,
    // An OPTIONS of the page's own is not a preflight, and has to arrive.
    preflight: request.headers['access-control-request-method'] !== undefined,
  });
}

/** @param {import('fastify').FastifyInstance} app */
function acceptForms(app) {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(/** @type {string} */ (body))));
  });
}

/**
 * @param {import('fastify').FastifyError} error
 * @param {import('fastify').FastifyRequest} _request
 * @param {import('fastify').FastifyReply} reply
 */
function answerError(error, _request, reply) {
  const status = error.statusCode ?? 500;
  if (status >= 500) console.error(error);
  reply.code(status).send({ error: status >= 500 ? 'internal' : 'bad_request', message: error.message });
}

/**
 * The built page; its own router knows `/login` and the like, so each navigation gets the same file.
 *
 * @param {import('fastify').FastifyInstance} app
 * @param {string} page
 * @param {boolean} policy
 */
function servePage(app, page, policy) {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (policy) reply.header('content-security-policy', POLICY);
  });
  app.register(statics, { root: page, cacheControl: false, setHeaders });
  app.setNotFoundHandler((request, reply) => {
    const navigation = request.method === 'GET' && !request.url.startsWith('/api/')
      && (request.headers.accept ?? '').includes('text/html');
    if (!navigation) return reply.code(404).send({ error: 'not_found' });
    if (existsSync(join(page, 'index.html'))) return reply.sendFile('index.html');
    return reply.code(503).type('text/plain').send('The page is not built yet: run `npm run build`.\n');
  });
}

/**
 * Vite names assets by their content, so those never change; the page itself may at each build.
 *
 * @param {import('fastify').FastifyReply} reply
 * @param {string} path
 */
function setHeaders(reply, path) {
  const fixed = /[\\/]assets[\\/]/.test(path);
  reply.header('cache-control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
}
