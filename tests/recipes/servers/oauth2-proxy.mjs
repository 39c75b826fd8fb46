// oauth2-proxy before an API and its pages, with `skip_provider_button`: who is not signed in is redirected to the
// provider, unless the request asks for JSON.
// https://oauth2-proxy.github.io/oauth2-proxy/features/endpoints
// https://oauth2-proxy.github.io/oauth2-proxy/behaviour
// isAjax, errorJSON, SignOut: https://github.com/oauth2-proxy/oauth2-proxy/blob/master/oauthproxy.go

import { noteRoutes, refreshRoute } from './notes.mjs';
import { USER } from './store.mjs';

const SESSION = '_oauth2_proxy';

const asksForJSON = ({ headers }) => (headers.accept ?? '').split(',').some((type) => type.trim() === 'application/json');
const unauthorized = (reply) => reply.code(401).type('text/plain').send('Unauthorized\n');

export async function oauth2Proxy(app, { store, otherURL }) {
  let session;
  const setCookie = (reply) => reply.setCookie(SESSION, store.opaqueToken(session), { path: '/', httpOnly: true });
  const sessionOf = ({ cookies }) => store.sessionOf(cookies[SESSION]);

  // The end of the way to the provider and back, which a test does not go.
  app.get('/oauth2/callback', async (_request, reply) => {
    session = store.begin();
    return setCookie(reply).code(204).send();
  });
  app.get('/oauth2/userinfo', async (request, reply) => (
    sessionOf(request) ? { user: USER, email: `${USER}@example.com` } : unauthorized(reply)
  ));
  app.get('/oauth2/start', async (_request, reply) => reply.code(204).send());
  refreshRoute(app, {
    store,
    method: ['GET', 'POST'],
    url: '/oauth2/auth',
    busy: (reply) => reply.code(503).type('text/html').send('<!doctype html><title>503</title>'),
    handler(request, reply) {
      if (sessionOf(request)) return reply.code(202).send();
      if (!session || session.isOver) return unauthorized(reply);
      // A test's `expire` stands for a user who signs in anew, in another tab, while requests are under way.
      return setCookie(reply).code(202).send();
    },
  });
  app.post('/oauth2/sign_out', async ({ cookies }, reply) => {
    store.signOut(cookies[SESSION]);
    return reply.clearCookie(SESSION, { path: '/' }).redirect('/');
  });
  noteRoutes(app, {
    store,
    path: '/api/notes',
    guard(request, reply) {
      const found = sessionOf(request);
      if (found) return found;
      if (asksForJSON(request)) return reply.code(401).type('application/json').send('{}');
      return reply.redirect(`${otherURL}/authorize`);
    },
  });
}
