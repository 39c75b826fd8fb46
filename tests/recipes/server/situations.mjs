// Servers as docs/recipes.md has them: one that wants a fresher sign-in, one that renews tokens, one that leaves CORS
// headers out, one with files.

import { setTimeout as sleep } from 'node:timers/promises';

import { hashOf, textOf } from './notes.mjs';

const UPLOAD_LIMIT = 32 * 1024 * 1024;
// One pixel.
const IMAGE = Buffer.from('R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=', 'base64');
const CHALLENGE = 'Bearer error="insufficient_user_authentication", error_description="A fresher sign-in is needed", '
  + 'acr_values="urn:example:fresh", max_age="300"';

/** `guarded` registers routes that want a good token. */
export function situationRoutes(guarded, { sessions }) {
  guarded(stepUpRoutes, { sessions });
  guarded(slidingRoutes, { prefix: '/sliding', sessions });
  guarded(silentRoutes, { prefix: '/silent' });
  guarded(fileRoutes);
  guarded(uploadRoutes);
}

/** RFC 9470: `/balance` wants a token that was issued after the password was given once more. */
async function stepUpRoutes(app, { sessions }) {
  /** session ─► the serial number of the first token that is good enough */
  const raised = new WeakMap();

  app.post('/step-up', async ({ body: { user, password }, session }, reply) => {
    if (user !== session.user || !sessions.accepts(user, password)) return reply.code(403).send({ error: 'wrong_password' });
    raised.set(session, session.issued + 1);
    return { accessToken: sessions.accessToken(session) };
  });

  app.post('/balance', async ({ headers, session, body }, reply) => {
    const [, claims] = headers.authorization.split('.');
    const { serial } = JSON.parse(Buffer.from(claims, 'base64url'));
    if (!(serial >= raised.get(session))) {
      return reply.code(401).header('www-authenticate', CHALLENGE).send({ error: 'insufficient_user_authentication' });
    }
    return { ...body, balance: 42 };
  });
}

/** Each answer brings a renewed token. `delay`, in ms: the answer takes so long, the token is made before. */
async function slidingRoutes(app, { sessions }) {
  app.get('/notes/:id', async ({ params, query, session }, reply) => {
    reply.header('x-renewed-token', sessions.accessToken(session));
    if (query.delay) await sleep(Number(query.delay));
    return { id: Number(params.id), text: textOf(params.id, session) };
  });
}

/** A 401 of these, and all that `/broken` says, lack the headers that let scripts of another origin read them. */
async function silentRoutes(app, { ledger }) {
  app.addHook('onSend', async ({ url }, reply) => {
    if (reply.statusCode === 401 || url.endsWith('/broken')) reply.removeHeader('access-control-allow-origin');
  });
  app.get('/notes/:id', async ({ params, session }) => ({ id: Number(params.id), text: textOf(params.id, session) }));
  app.post('/notes', async ({ body, session }) => ({ hash: ledger.accept(session, hashOf(body.text)) }));
  app.get('/broken', async () => ({}));
}

async function fileRoutes(app) {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.get('/files/:name.gif', async (_request, reply) => reply.type('image/gif').send(IMAGE));
  app.get('/files/report.txt', async ({ session }, reply) => (
    reply.type('text/plain').header('content-disposition', 'attachment; filename="report.txt"')
      .send(`The report of ${session.user}.`)
  ));
}

async function uploadRoutes(app, { ledger }) {
  const whole = { parseAs: 'buffer', bodyLimit: UPLOAD_LIMIT };
  app.addContentTypeParser('application/octet-stream', whole, async (_request, body) => body);
  app.post('/uploads', async ({ body, session }, reply) => {
    reply.code(201);
    return { hash: ledger.accept(session, hashOf(body)) };
  });
}
