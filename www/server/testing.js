import { Readable } from 'node:stream';

import { digest } from './digest.js';
import { faultSchema, pause } from './faults.js';
import { bearerToken, createGuard } from './guard.js';

const ECHO_LIMIT = 64 * 1024 * 1024;
const BASE64_LIMIT = 1024 * 1024;

const milliseconds = {
  type: 'object',
  properties: { ms: { type: 'number', minimum: 0, maximum: 60_000, default: 100 } },
};

/**
 * Besides the ordinary places: another scheme, the bare token, and a header of the API's own.
 *
 * @param {import('fastify').FastifyRequest} request
 */
function anyToken(request) {
  const { authorization, 'x-access-token': own } = request.headers;
  return String(own ?? authorization ?? '').split(' ').pop() || bearerToken(request);
}

/**
 * Adds the routes that the tests of tokenflight need; never part of the demo.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export async function testRoutes(app) {
  const guard = createGuard(app.sessions, anyToken);
  app.get('/info', async () => ({ other: app.otherOrigin }));
  sessionSwitches(app);
  app.register(async (scope) => rawRoutes(scope, guard));
  app.register(async (scope) => unauthorizedRoutes(scope, guard));
  app.register(async (scope) => guardedRoutes(scope, guard));
}

/** @param {import('fastify').FastifyInstance} app */
function sessionSwitches(app) {
  const { sessions } = app;
  const sid = { type: 'string' };

  const faults = { type: 'array', items: faultSchema };
  const faultsBody = { type: 'object', required: ['sid', 'faults'], properties: { sid, faults } };
  app.post('/faults', { schema: { body: faultsBody } }, async (request, reply) => {
    const { sid: wanted, faults: queue } = /** @type {any} */ (request.body);
    const session = sessions.find(wanted);
    if (!session) return reply.code(404).send({ error: 'no_such_session' });
    session.faults.push(...queue);
    return reply.code(204).send();
  });

  const sidBody = { type: 'object', required: ['sid'], properties: { sid } };
  app.post('/expire', { schema: { body: sidBody } }, async (request, reply) => {
    const session = sessions.find(/** @type {any} */ (request.body).sid);
    if (!session) return reply.code(404).send({ error: 'no_such_session' });
    sessions.expire(session);
    return reply.code(204).send();
  });

  app.get('/stats', { schema: { querystring: sidBody } }, async (request, reply) => {
    const session = sessions.find(/** @type {any} */ (request.query).sid);
    if (!session) return reply.code(404).send({ error: 'no_such_session' });
    const { counts, revoked, attempts, faults: left } = session;
    return { ...counts, revoked, attempts, faultsLeft: left.length };
  });
}

/**
 * Bodies are taken as the bytes they are, whatever type they claim.
 *
 * @param {import('fastify').FastifyInstance} app
 * @param {ReturnType<typeof createGuard>} guard
 */
function rawRoutes(app, guard) {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: ECHO_LIMIT }, (_request, body, done) => done(null, body));

  app.all('/echo', {
    bodyLimit: ECHO_LIMIT,
    // At arrival: a large body may outlive the token that it came with.
    onRequest: async (request) => { request.refusal = guard.examine(request); },
  }, async (request, reply) => {
    const body = bodyOf(request);
    const { sha256, length } = digest(body);
    const { method, url, headers, refusal } = request;
    const session = request.session ?? app.sessions.findByAccessToken(anyToken(request));
    session?.attempts.push({
      method, url, contentType: headers['content-type'] ?? null, length, sha256, authorized: !refusal, headers,
    });
    if (refusal) return guard.refuse(request, reply, refusal);
    const base64 = body.length <= BASE64_LIMIT ? body.toString('base64') : undefined;
    return { method, headers, length, sha256, base64, attempts: session?.attempts.length };
  });

  app.all('/open', { bodyLimit: ECHO_LIMIT }, async (request, reply) => {
    const { sha256, length } = digest(bodyOf(request));
    const { method, headers, raw: { rawHeaders } } = request;
    // As they were written: Node gives all others in lower case.
    const names = rawHeaders.filter((name, n) => n % 2 === 0 && /^x-/i.test(name)).sort();
    reply.code(Number(/** @type {any} */ (request.query).status ?? 200));
    return reply.send({ method, headers, names, sha256, length });
  });
}

/** @param {import('fastify').FastifyRequest} request */
function bodyOf({ body }) {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/**
 * Answers that come out as a 401, or as what some APIs have in place of one.
 *
 * @param {import('fastify').FastifyInstance} app
 * @param {ReturnType<typeof createGuard>} guard
 */
function unauthorizedRoutes(app, guard) {
  app.all('/always-401', async (request, reply) => guard.refuse(request, reply, { error: 'token_expired' }));

  app.get('/slow-401', { schema: { querystring: milliseconds } }, async (request, reply) => {
    const refusal = guard.examine(request);
    await pause(/** @type {any} */ (request.query).ms);
    return refusal ? guard.refuse(request, reply, refusal) : { ok: true };
  });

  app.get('/code-40101', async (request) => {
    const refusal = guard.examine(request);
    return refusal ? { code: 40101, message: refusal.error } : { code: 0, data: { user: request.session.user } };
  });
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {ReturnType<typeof createGuard>} guard
 */
function guardedRoutes(app, guard) {
  app.addHook('onRequest', guard.onRequest);

  app.get('/slow', { schema: { querystring: milliseconds } }, async (request) => {
    await pause(/** @type {any} */ (request.query).ms);
    return { ok: true };
  });

  app.get('/redirect', async (request, reply) => {
    const { to, status = 302 } = /** @type {any} */ (request.query);
    return reply.redirect(to, Number(status));
  });

  app.get('/stream', async (request, reply) => {
    const { chunks = 5, ms = 50 } = /** @type {any} */ (request.query);
    return reply.type('text/plain').send(Readable.from(slowly(Number(chunks), Number(ms))));
  });

  app.get('/content', async (request, reply) => {
    const { type, body = '', status = 200 } = /** @type {any} */ (request.query);
    reply.code(Number(status));
    if (type) reply.header('content-type', type);
    return reply.send(Buffer.from(body));
  });
}

/**
 * @param {number} chunks
 * @param {number} ms
 */
async function* slowly(chunks, ms) {
  for (let n = 1; n <= chunks; n += 1) {
    yield `chunk ${n}\n`;
    await pause(ms);
  }
}
