// A provider that demands proofs and nonces, and a resource that verifies each proof with jose. One origin.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import fastify from 'fastify';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';

import { createIdentity } from '../../provider/server/identity.mjs';

const DIST = new URL('../../../dist/', import.meta.url);
const PAGE = '<!doctype html><meta charset="utf-8"><title>dpop</title><link rel="icon" href="data:,">';
const hash = (text) => createHash('sha256').update(text).digest('base64url');

export async function startDpop() {
  const server = createServer({ keepAliveTimeout: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${server.address().port}`;
  const seen = { refreshes: 0, revoked: 0, refused: [], challenges: 0, answered: 0, errors: [] };
  const state = { nonce: randomUUID(), revokedTokens: new Set(), proofs: new Set() };
  const provider = createIdentity({
    origin,
    grace: 0,
    ttl: { AccessToken: 3600, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 60, IdToken: 60 },
    features: {
      devInteractions: { enabled: true }, revocation: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    },
  });
  provider.on('grant.revoked', () => { seen.revoked += 1; });
  provider.on('server_error', (_context, error) => seen.errors.push(error.message));
  provider.on('grant.success', ({ oidc }) => { seen.refreshes += oidc.params.grant_type === 'refresh_token' ? 1 : 0; });
  const app = fastify({ logger: false });
  await addPages(app);
  addResource(app, { origin, provider, state, seen });
  await app.ready();
  const identity = provider.callback();
  server.on('request', (request, response) => {
    (/^\/(app|api)\//.test(request.url) ? app.routing : identity)(request, response);
  });
  return {
    origin,
    seen,
    /** The access tokens that there are now are accepted no more. */
    expire: (...tokens) => tokens.forEach((token) => state.revokedTokens.add(token)),
    /** Proofs need another nonce from now on. */
    changeNonce: () => { state.nonce = randomUUID(); },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
      await app.close();
    },
  };
}

async function addPages(app) {
  for (const name of ['index.js', 'dpop.js']) {
    const code = await readFile(new URL(name, DIST));
    app.get(`/app/${name}`, (_request, reply) => reply.type('text/javascript').send(code));
  }
  app.get('/app/', (_request, reply) => reply.type('text/html').send(PAGE));
}

function addResource(app, { origin, provider, state, seen }) {
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.all('/api/*', async (request, reply) => {
    const problem = await problemOf(request, { origin, provider, state });
    reply.header('DPoP-Nonce', state.nonce);
    if (problem) {
      if (problem === 'use_dpop_nonce') seen.challenges += 1;
      else seen.refused.push(problem);
      return reply.code(401).header('WWW-Authenticate', `DPoP error="${problem.split(':')[0]}"`).send({ error: problem });
    }
    seen.answered += 1;
    return { method: request.method, body: request.body ?? null };
  });
}

/** RFC 9449 §4.3 and §7.1: what is wrong with a request, if anything. */
async function problemOf({ headers, method, url }, { origin, provider, state }) {
  const token = /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (!token) return 'invalid_token: none';
  if (!headers.dpop) return 'invalid_dpop_proof: none';
  let proof;
  try {
    proof = await jwtVerify(headers.dpop, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'], maxTokenAge: 60, clockTolerance: 5 });
  } catch (error) {
    return `invalid_dpop_proof: ${error.message}`;
  }
  const { payload, protectedHeader } = proof;
  if ('d' in protectedHeader.jwk) return 'invalid_dpop_proof: a private key';
  if (payload.htm !== method || payload.htu !== origin + url.split('?')[0]) return 'invalid_dpop_proof: another request';
  if (payload.ath !== hash(token)) return 'invalid_dpop_proof: another token';
  if (payload.nonce !== state.nonce) return 'use_dpop_nonce';
  if (state.proofs.has(payload.jti)) return 'invalid_dpop_proof: used before';
  state.proofs.add(payload.jti);
  const stored = await provider.AccessToken.find(token);
  if (!stored || state.revokedTokens.has(token)) return 'invalid_token: expired';
  return stored.jkt === await calculateJwkThumbprint(protectedHeader.jwk) ? undefined : 'invalid_token: another key';
}
