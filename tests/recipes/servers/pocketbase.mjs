// PocketBase at its own origin. One token, which is renewed while it is good; a token that is not good makes a guest.
// https://pocketbase.io/docs/authentication/
// https://pocketbase.io/docs/api-records/#auth-refresh
// Answers to a guest: https://pocketbase.io/docs/api-rules-and-filters/
// https://github.com/pocketbase/pocketbase/blob/master/apis/record_auth_refresh.go, record_auth_refresh_test.go, middlewares.go

import { noteOf, refreshRoute } from './notes.mjs';

export async function pocketbase(app, { store }) {
  const auth = (session) => ({
    token: store.jwt(session, { id: session.user, type: 'auth', collectionId: '_pb_users_auth_', refreshable: true }),
    record: { id: session.user, collectionName: 'users' },
  });
  const fail = (reply, status, message) => reply.code(status).send({ status, message, data: {} });

  app.post('/api/collections/users/auth-with-password', async ({ body }, reply) => (
    store.accepts(body.identity, body.password) ? auth(store.begin()) : fail(reply, 400, 'Failed to authenticate.')
  ));
  refreshRoute(app, {
    store,
    url: '/api/collections/users/auth-refresh',
    busy: (reply) => fail(reply, 429, 'Too Many Requests.'),
    handler(request, reply) {
      const session = store.bearer(request);
      if (session) return reply.send(auth(session));
      return fail(reply, 401, 'The request requires valid record authorization token.');
    },
  });

  // The rules of the collection are `@request.auth.id != ""`.
  app.get('/api/collections/notes/records/:id', async (request, reply) => {
    const session = store.bearer(request);
    return session ? noteOf(request.params.id, session.user) : fail(reply, 404, "The requested resource wasn't found.");
  });
  app.post('/api/collections/notes/records', async (request, reply) => {
    if (!store.bearer(request)) return fail(reply, 400, 'Failed to create record.');
    store.accepted.push(request.body.text);
    return request.body;
  });
}
