// Directus at its own origin, with standard tokens in the JSON mode.
// https://directus.io/docs/guides/auth/email-login
// https://directus.io/docs/guides/auth/tokens-cookies
// Errors: https://directus.io/docs/guides/connect/errors
// https://github.com/directus/directus/blob/main/api/src/controllers/auth.ts

import { noteRoutes, refreshRoute } from './notes.mjs';

export async function directus(app, { store }) {
  const tokens = (session) => ({
    data: {
      expires: store.lifetime * 1000, // in ms
      access_token: store.jwt(session, { id: session.user, role: null, iat: Math.floor(Date.now() / 1000), iss: 'directus' }),
      refresh_token: store.refreshToken(session),
    },
  });
  const fail = (reply, status, code, message) => reply.code(status).send({ errors: [{ message, extensions: { code } }] });
  const wrongCredentials = (reply) => fail(reply, 401, 'INVALID_CREDENTIALS', 'Invalid user credentials.');

  app.post('/auth/login', async ({ body }, reply) => (
    store.accepts(body.email, body.password) ? tokens(store.begin()) : wrongCredentials(reply)
  ));
  refreshRoute(app, {
    store,
    url: '/auth/refresh',
    busy: (reply) => fail(reply.header('retry-after', '1'), 429, 'REQUESTS_EXCEEDED', 'Too many requests, retry after 1s.'),
    handler({ body }, reply) {
      if (!body?.refresh_token) return fail(reply, 400, 'INVALID_PAYLOAD', 'Invalid payload.');
      const session = store.redeem(body.refresh_token, { rotates: true });
      return session ? reply.send(tokens(session)) : wrongCredentials(reply);
    },
  });
  app.post('/auth/logout', async ({ body }, reply) => {
    store.signOut(body.refresh_token);
    return reply.code(204).send();
  });
  noteRoutes(app, {
    store,
    path: '/items/notes',
    wrap: (data) => ({ data }),
    guard: (request, reply) => store.bearer(request) ?? fail(reply, 401, 'TOKEN_EXPIRED', 'Token expired.'),
  });
}
