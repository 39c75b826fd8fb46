// NestJS with both tokens in HttpOnly cookies. Nest has no refresh of its own: these routes are an application's.
// https://docs.nestjs.com/http/cookies
// https://docs.nestjs.com/security/authentication
// 401: https://docs.nestjs.com/exception-filters#built-in-http-exceptions; 201: https://docs.nestjs.com/controllers#status-code
// 429: https://docs.nestjs.com/security/rate-limiting

import { noteRoutes, refreshRoute } from './notes.mjs';

const ACCESS = 'access_token';
const REFRESH = 'refresh_token';

export async function nest(app, { store }) {
  function setCookies(reply, session) {
    const now = Math.floor(Date.now() / 1000);
    reply.setCookie(ACCESS, store.jwt(session, { sub: session.user, iat: now }), { path: '/', httpOnly: true, sameSite: 'lax' });
    reply.setCookie(REFRESH, store.refreshToken(session), { path: '/auth', httpOnly: true, sameSite: 'lax' });
    // Nest answers a POST with 201, unless @HttpCode says otherwise.
    return reply.code(201).send();
  }
  const unauthorized = (reply) => reply.code(401).send({ message: 'Unauthorized', statusCode: 401 });

  app.post('/auth/login', (request, reply) => {
    const { username, password } = request.body;
    return store.accepts(username, password) ? setCookies(reply, store.begin()) : unauthorized(reply);
  });
  refreshRoute(app, {
    store,
    url: '/auth/refresh',
    busy: (reply) => reply.code(429).header('retry-after', '1')
      .send({ statusCode: 429, message: 'ThrottlerException: Too Many Requests' }),
    handler({ cookies }, reply) {
      const session = store.redeem(cookies[REFRESH], { rotates: true });
      return session ? setCookies(reply, session) : unauthorized(reply);
    },
  });
  app.post('/auth/logout', async ({ cookies }, reply) => {
    store.signOut(cookies[REFRESH]);
    reply.clearCookie(ACCESS, { path: '/' }).clearCookie(REFRESH, { path: '/auth' });
    return reply.code(201).send();
  });
  noteRoutes(app, { store, guard: ({ cookies }, reply) => store.sessionOf(cookies[ACCESS]) ?? unauthorized(reply) });
}
