// FastAPI after its tutorial, at another origin. The tutorial has no refresh: /refresh and /logout are an application's.
// https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/
// https://fastapi.tiangolo.com/tutorial/cors/
// 422: https://fastapi.tiangolo.com/tutorial/handling-errors/

import { noteRoutes, refreshRoute } from './notes.mjs';

export async function fastapi(app, { store }) {
  const tokens = (session) => ({
    access_token: store.jwt(session, { sub: session.user }), // the tutorial's tokens have no `iat`
    refresh_token: store.refreshToken(session),
    token_type: 'bearer',
  });
  const unauthorized = (reply, detail) => reply.code(401).header('www-authenticate', 'Bearer').send({ detail });
  const missing = (reply, field) => (
    reply.code(422).send({ detail: [{ type: 'missing', loc: ['body', field], msg: 'Field required', input: {} }] })
  );

  // OAuth2PasswordRequestForm
  app.post('/token', async ({ body }, reply) => (
    store.accepts(body.username, body.password) ? tokens(store.begin()) : unauthorized(reply, 'Incorrect username or password')
  ));
  refreshRoute(app, {
    store,
    url: '/refresh',
    busy: (reply) => reply.code(503).type('text/plain').send('Service Unavailable'),
    handler({ body }, reply) {
      if (!body?.refresh_token) return missing(reply, 'refresh_token');
      const session = store.redeem(body.refresh_token, { rotates: true });
      return session ? reply.send(tokens(session)) : unauthorized(reply, 'Could not validate credentials');
    },
  });
  app.post('/logout', async ({ body }, reply) => {
    store.signOut(body.refresh_token);
    return reply.code(204).send();
  });
  noteRoutes(app, {
    store, guard: (request, reply) => store.bearer(request) ?? unauthorized(reply, 'Could not validate credentials'),
  });
}
