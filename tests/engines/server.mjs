// The demo's token server, with the page that the tabs open, and two routes that only these tests need.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';
import { buildServer } from '../../www/server/app.js';
import { createGuard } from '../../www/server/guard.js';

export async function startTokenServer() {
  const app = await buildServer({ testing: true, page: join(import.meta.dirname, 'page') });
  const { sessions } = app;
  const tokenflight = readFileSync(join(root, 'dist', 'index.js'));
  app.get('/tokenflight/index.js', (_request, reply) => reply.type('text/javascript').send(tokenflight));

  // Counts what every other route punishes: a spent refresh token gets new tokens all the same.
  app.post('/api/test/tolerant-refresh', async (request, reply) => {
    const { refreshToken } = request.body;
    const session = sessions.findByRefreshToken(refreshToken);
    if (!session) return reply.code(401).send({ error: 'invalid_grant' });
    if (session.spent.has(refreshToken)) session.counts.reuses += 1;
    return sessions.rotate(session, session.refreshToken);
  });

  // An access token is good for one answer.
  const guard = createGuard(sessions);
  app.get('/api/test/once', {
    onRequest: async (request, reply) => {
      const { counts } = sessions.findByAccessToken(request.headers.authorization?.split(' ')[1]) ?? {};
      reply.header('x-rotations', counts?.rotations ?? 0).header('cache-control', 'no-store');
      return guard.onRequest(request, reply);
    },
  }, async ({ session }) => {
    sessions.expire(session);
    return { ok: true };
  });

  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    /** Begins a session: its tokens, and what the server has on record of it. */
    signIn() {
      const { session, tokens } = sessions.begin('ada', { ttl: 3600 });
      return { tokens, record: session };
    },
    close: () => app.close(),
  };
}
