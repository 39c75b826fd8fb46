// Django REST framework with Simple JWT: ROTATE_REFRESH_TOKENS, BLACKLIST_AFTER_ROTATION and the blacklist app are on.
// https://django-rest-framework-simplejwt.readthedocs.io/en/latest/getting_started.html
// https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html
// https://django-rest-framework-simplejwt.readthedocs.io/en/latest/blacklist_app.html
// The bodies of errors: rest_framework_simplejwt/authentication.py, tokens.py
// 429: https://www.django-rest-framework.org/api-guide/throttling/

import { noteRoutes, refreshRoute } from './notes.mjs';

const CHALLENGE = 'Bearer realm="api"';
const notValid = (reply, detail) => (
  reply.code(401).header('www-authenticate', CHALLENGE).send({ detail, code: 'token_not_valid' })
);

export async function django(app, { store }) {
  const tokens = (session) => ({
    refresh: store.refreshToken(session),
    access: store.jwt(session, { token_type: 'access', user_id: 1, iat: Math.floor(Date.now() / 1000) }),
  });

  app.post('/api/token/', async ({ body }, reply) => {
    if (store.accepts(body.username, body.password)) return tokens(store.begin());
    return reply.code(401).send({ detail: 'No active account found with the given credentials' });
  });

  refreshRoute(app, {
    store,
    url: '/api/token/refresh/',
    busy: (reply) => reply.code(429).header('retry-after', '1')
      .send({ detail: 'Request was throttled. Expected available in 1 second.' }),
    handler({ body }, reply) {
      if (!body?.refresh) return reply.code(400).send({ refresh: ['This field is required.'] });
      const session = store.redeem(body.refresh, { rotates: true });
      return session ? reply.send(tokens(session)) : notValid(reply, 'Token is blacklisted');
    },
  });

  app.post('/api/token/blacklist/', async ({ body }) => {
    store.signOut(body.refresh);
    return {};
  });

  noteRoutes(app, {
    store,
    path: '/api/notes',
    guard: (request, reply) => store.bearer(request) ?? notValid(reply, 'Given token not valid for any token type'),
  });
}
