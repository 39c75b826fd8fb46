// The pages' server, and an API with tokens, as small as it can be: the machine's other core is the browser's.

import { randomUUID } from 'node:crypto';

import fastify from 'fastify';

const ORDER = { id: 17, title: 'Two lamps', total: 129.5, paid: true, items: [4, 8, 15] };
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** 600 bytes, as page/tokens.js makes them. */
function mint() {
  const now = Math.floor(Date.now() / 1000);
  const payload = base64url({ sub: 'ada', iat: now, exp: now + 3600, jti: randomUUID() });
  return `${base64url({ alg: 'RS256', typ: 'JWT' })}.${payload}.`.padEnd(600, 'c2lnbmF0dXJl');
}

/** Serves `files` (path to content) and the API on a free port. */
export async function startServer(files) {
  const app = fastify({ logger: false, forceCloseConnections: true });
  const state = new State();
  // Timers are exact to 5 µs in a page that is isolated, and to 100 µs in any other.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cross-origin-opener-policy', 'same-origin').header('cross-origin-embedder-policy', 'require-corp');
    done();
  });
  for (const [path, content] of files) {
    const type = `${TYPES[path.split('.').pop()]}; charset=utf-8`;
    app.get(path, (_request, reply) => reply.type(type.replace(/(wasm);.*/, '$1'))
      .header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable')
      .send(content));
  }
  addApi(app, state);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, state, close: () => app.close() };
}

/** The one session. An access token is good until all of them expire, as JWTs are; a refresh token is good once. */
class State {
  refreshes = 0;
  /** Milliseconds. */
  refreshTakes = 0;
  #good = new Set();
  #refreshToken = null;

  accepts = (token) => this.#good.has(token);
  mayRefresh = (token) => token === this.#refreshToken;

  issue() {
    const accessToken = mint();
    this.#good.add(accessToken);
    this.#refreshToken = mint();
    return { accessToken, refreshToken: this.#refreshToken };
  }

  expire() {
    this.#good.clear();
  }
}

function addApi(app, state) {
  app.get('/api/orders/17', async ({ headers }, reply) => {
    // Without a token: native fetch, which has no duties.
    if (headers.authorization && !state.accepts(headers.authorization.replace('Bearer ', ''))) {
      return reply.code(401).send({ error: 'token_expired' });
    }
    return reply.header('cache-control', 'no-store').send(ORDER);
  });

  app.post('/refresh-token', async ({ body }, reply) => {
    state.refreshes += 1;
    if (!state.mayRefresh(body?.refreshToken)) return reply.code(401).send({ error: 'invalid_grant' });
    if (state.refreshTakes > 0) await new Promise((resolve) => { setTimeout(resolve, state.refreshTakes); });
    return state.issue();
  });

  app.post('/sign-in', async () => {
    state.refreshes = 0;
    return state.issue();
  });
  app.post('/expire', async (_request, reply) => {
    state.expire();
    return reply.code(204).send();
  });
  app.get('/counts', async () => ({ refreshes: state.refreshes }));
}
