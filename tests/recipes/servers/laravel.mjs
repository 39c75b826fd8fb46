// Laravel with Sanctum, as a single-page application of another subdomain uses it: a session in an HttpOnly cookie.
// https://laravel.com/docs/sanctum#spa-authentication
// 419 and the XSRF-TOKEN cookie: https://laravel.com/docs/csrf#csrf-x-xsrf-token,
//   Illuminate\Foundation\Http\Middleware\VerifyCsrfToken, Illuminate\Foundation\Exceptions\Handler
// 503: https://laravel.com/docs/configuration#maintenance-mode

import { randomBytes } from 'node:crypto';

import { noteRoutes, refreshRoute } from './notes.mjs';

const SESSION = 'laravel_session';
const XSRF = 'XSRF-TOKEN';

export async function laravel(app, { store }) {
  const { setCookies, sessionOf, isForged, mismatch, guard } = middleware(store);

  refreshRoute(app, {
    store,
    method: 'GET',
    url: '/sanctum/csrf-cookie',
    busy: (reply) => reply.code(503).header('retry-after', '1').send({ message: 'Service Unavailable' }),
    handler(request, reply) {
      setCookies(reply, sessionOf(request) ?? store.begin());
      return reply.code(204).send();
    },
  });
  app.post('/login', async (request, reply) => {
    if (isForged(request)) return mismatch(reply);
    const { email, password } = request.body;
    if (!store.accepts(email, password)) return reply.code(422).send({ message: 'These credentials do not match our records.' });
    const session = Object.assign(store.begin(), { isUser: true });
    setCookies(reply, session);
    // The session goes on, with another CSRF token than the page has: as after a sign-in in another tab.
    store.expire = () => { session.xsrf = 'another one'; };
    return reply.code(204).send();
  });
  app.post('/logout', async (request, reply) => {
    if (isForged(request)) return mismatch(reply);
    store.signOut(request.cookies[SESSION]);
    return reply.code(204).send();
  });
  app.get('/api/user', async (request, reply) => {
    const session = guard(request, reply);
    return session === reply ? reply : { id: 1, name: session.user };
  });
  noteRoutes(app, { store, path: '/api/notes', guard });
}

/** The session, `ValidateCsrfToken` and `auth:sanctum`. */
function middleware(store) {
  const sessionOf = ({ cookies }) => store.sessionOf(cookies[SESSION]);
  const isForged = (request) => {
    const expected = sessionOf(request)?.xsrf;
    return !expected || expected !== request.headers['x-xsrf-token'];
  };
  const mismatch = (reply) => reply.code(419).send({ message: 'CSRF token mismatch.' });
  const unauthenticated = (request, reply) => (
    // Without `Accept: application/json`, the middleware redirects to the route named `login`.
    request.headers.accept?.includes('application/json')
      ? reply.code(401).send({ message: 'Unauthenticated.' })
      : reply.redirect('/login')
  );
  return {
    sessionOf,
    isForged,
    mismatch,
    guard(request, reply) {
      if (request.method !== 'GET' && isForged(request)) return mismatch(reply);
      const session = sessionOf(request);
      return session?.isUser ? session : unauthenticated(request, reply);
    },
    // The session's CSRF token is in the readable cookie as well, escaped.
    setCookies(reply, session) {
      reply.setCookie(SESSION, store.opaqueToken(session), { path: '/', httpOnly: true, sameSite: 'lax' });
      session.xsrf = `${randomBytes(20).toString('base64')}==`;
      reply.setCookie(XSRF, session.xsrf, { path: '/', sameSite: 'lax' });
    },
  };
}
