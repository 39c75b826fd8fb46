// A backend for the front end, or a gateway, that answers with a redirect to a provider of another origin, whatever was
// asked for. That page sends no CORS headers.
// https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps/ (section 6.1)
// The redirect is the default of oauth2-proxy (#1393), Envoy (envoyproxy/envoy#30102) and others.

import { noteRoutes, refreshRoute } from './notes.mjs';

const SESSION = 'bff_session';

export async function bff(app, { store, otherURL }) {
  let session;
  const setCookie = (reply) => reply.setCookie(SESSION, store.opaqueToken(session), { path: '/', httpOnly: true, sameSite: 'lax' });
  const sessionOf = ({ cookies }) => store.sessionOf(cookies[SESSION]);

  app.get('/bff/callback', async (_request, reply) => {
    session = store.begin();
    return setCookie(reply).code(204).send();
  });
  app.get('/bff/login', async (_request, reply) => reply.code(204).send());
  refreshRoute(app, {
    store,
    url: '/bff/refresh',
    busy: (reply) => reply.code(502).type('text/html').send('<!doctype html><title>502 Bad Gateway</title>'),
    handler: (_request, reply) => (
      session.isOver ? reply.code(401).send({ error: 'unauthorized' }) : setCookie(reply).code(204).send()
    ),
  });
  app.post('/bff/logout', async ({ cookies }, reply) => {
    store.signOut(cookies[SESSION]);
    return reply.clearCookie(SESSION, { path: '/' }).code(204).send();
  });
  noteRoutes(app, {
    store, path: '/api/notes', guard: (request, reply) => sessionOf(request) ?? reply.redirect(`${otherURL}/authorize`),
  });
}
