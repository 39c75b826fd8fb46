// A Supabase project, at its own origin: GoTrue under /auth/v1, PostgREST under /rest/v1, an API key before both.
// https://supabase.com/docs/guides/auth/sessions
// https://github.com/supabase/auth/blob/master/internal/tokens/service.go, internal/api/token_refresh.go, logout.go
// https://supabase.com/docs/guides/auth/debugging/error-codes
// 401 of PostgREST: https://docs.postgrest.org/en/stable/references/errors.html#group-3-jwt

import { noteOf, refreshRoute } from './notes.mjs';
import { bearerIn, USER } from './store.mjs';

const fail = (reply, code, error_code, msg) => reply.code(code).send({ code, error_code, msg });

function tokensOf(session, store) {
  const now = Math.floor(Date.now() / 1000);
  return {
    access_token: store.jwt(session, { sub: USER, role: 'authenticated', iat: now }),
    token_type: 'bearer',
    expires_in: store.lifetime,
    expires_at: now + store.lifetime,
    refresh_token: store.refreshToken(session),
    user: { id: USER },
  };
}

export async function supabase(app, { store, clientId }) {
  app.addHook('preHandler', async ({ headers }, reply) => {
    if (headers.apikey !== clientId) return reply.code(401).send({ message: 'No API key found in request' });
  });

  refreshRoute(app, {
    store,
    url: '/auth/v1/token',
    busy: (reply) => fail(reply, 429, 'over_request_rate_limit', 'Request rate limit reached'),
    handler({ query, body }, reply) {
      if (query.grant_type === 'password') {
        if (store.accepts(body.email, body.password)) return reply.send(tokensOf(store.begin(), store));
        return fail(reply, 400, 'invalid_credentials', 'Invalid login credentials');
      }
      const session = store.redeem(body.refresh_token, { rotates: true });
      if (session) return reply.send(tokensOf(session, store));
      return fail(reply, 400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
    },
  });
  app.post('/auth/v1/logout', async (request, reply) => {
    if (!store.bearer(request)) return fail(reply, 403, 'bad_jwt', 'invalid JWT');
    store.signOut(bearerIn(request));
    return reply.code(204).send();
  });

  app.register(postgrest, { store });
}

async function postgrest(app, { store }) {
  app.addHook('preHandler', async (request, reply) => {
    if (store.bearer(request)) return;
    reply.header('www-authenticate', 'Bearer error="invalid_token", error_description="JWT expired"');
    return reply.code(401).send({ code: 'PGRST303', details: null, hint: null, message: 'JWT expired' });
  });
  app.get('/rest/v1/notes', async ({ query }) => [noteOf(/^eq\.(\d+)$/.exec(query.id)[1], USER)]);
  app.post('/rest/v1/notes', async ({ body }, reply) => {
    store.accepted.push(body.text);
    return reply.code(201).send();
  });
}
