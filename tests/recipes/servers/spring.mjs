// Spring Security with a session and `csrf.spa()`; sign-in and sign-out answer 204, and not with a redirect.
// https://docs.spring.io/spring-security/reference/servlet/exploits/csrf.html#csrf-integration-javascript-spa
// https://docs.spring.io/spring-security/reference/servlet/authentication/logout.html
// 401: HttpStatusEntryPoint. The bodies of errors are those of Spring Boot:
// https://docs.spring.io/spring-boot/reference/web/servlet.html#web.servlet.spring-mvc.error-handling

import { randomUUID } from 'node:crypto';

import { noteRoutes } from './notes.mjs';

const SESSION = 'JSESSIONID';
const XSRF = 'XSRF-TOKEN';
const TITLES = { 403: 'Forbidden', 503: 'Service Unavailable' };

const fail = ({ url }, reply, status) => (
  reply.code(status).send({ timestamp: new Date().toISOString(), status, error: TITLES[status], path: url })
);
// The token is compared with the cookie: no session is needed for that.
const isForged = ({ cookies, headers }) => !cookies[XSRF] || cookies[XSRF] !== headers['x-xsrf-token'];

export async function spring(app, { store }) {
  const sessionOf = ({ cookies }) => store.sessionOf(cookies[SESSION]);
  const guard = (request, reply) => {
    if (request.method !== 'GET' && isForged(request)) return fail(request, reply, 403);
    return sessionOf(request) ?? reply.code(401).send();
  };
  let isStale = false;
  store.expire = () => { isStale = true; };
  // A sign-in in another tab takes the cookie away; whatever is read next brings another one.
  app.addHook('onRequest', async (request) => {
    if (isStale) delete request.cookies[XSRF];
  });

  app.post('/login', async (request, reply) => {
    if (isForged(request)) return fail(request, reply, 403);
    if (!store.accepts(request.body.username, request.body.password)) return reply.code(401).send();
    reply.setCookie(SESSION, store.opaqueToken(store.begin()), { path: '/', httpOnly: true });
    isStale = true;
    return reply.clearCookie(XSRF, { path: '/' }).code(204).send();
  });
  app.post('/logout', async (request, reply) => {
    if (isForged(request)) return fail(request, reply, 403);
    store.signOut(request.cookies[SESSION]);
    return reply.clearCookie(XSRF, { path: '/' }).code(204).send();
  });
  app.get('/api/user', async (request, reply) => {
    store.refreshes += 1;
    if (store.isBusy) return fail(request, reply, 503);
    isStale = false;
    reply.setCookie(XSRF, randomUUID(), { path: '/' });
    const session = sessionOf(request);
    return session ? { name: session.user } : reply.code(401).send();
  });
  noteRoutes(app, { store, path: '/api/notes', guard });
}
