// Rails with Devise and devise-jwt, for an API of another origin: `sign_out_via` is :post, and rack-cors exposes the
// `Authorization` header.
// https://github.com/waiting-for-dev/devise-jwt#readme
// https://github.com/waiting-for-dev/devise-jwt/blob/main/lib/devise/jwt/warden_strategy.rb
// `{ "error": … }`: https://github.com/heartcombo/devise/blob/main/lib/devise/failure_app.rb

import { noteRoutes } from './notes.mjs';
import { bearerIn } from './store.mjs';

export async function devise(app, { store }) {
  const fail = (reply, error) => reply.code(401).send({ error });

  app.post('/users/sign_in', async ({ body }, reply) => {
    if (!store.accepts(body.user.email, body.user.password)) return fail(reply, 'Invalid Email or password.');
    const session = store.begin();
    const token = store.jwt(session, { sub: '1', scp: 'user', aud: null, iat: Math.floor(Date.now() / 1000) });
    return reply.header('authorization', `Bearer ${token}`).send({ id: 1, email: body.user.email });
  });
  app.post('/users/sign_out', async (request, reply) => {
    store.signOut(bearerIn(request));
    return reply.code(204).send();
  });
  noteRoutes(app, { store, guard: (request, reply) => store.bearer(request) ?? fail(reply, 'Signature has expired') });
}
