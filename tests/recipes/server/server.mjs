// The demo's token server, and behind its guard one API for each kind of client.

import { setTimeout as sleep } from 'node:timers/promises';

import { buildServer } from '../../../www/server/app.js';
import { bearerToken, createGuard } from '../../../www/server/guard.js';
import { signInRoutes } from '../../../www/server/sign-in.js';
import { eventRoutes } from './events.mjs';
import { graphqlRoutes } from './graphql.mjs';
import { Ledger } from './ledger.mjs';
import { postgrestRoutes } from './postgrest.mjs';
import { restRoutes } from './rest.mjs';
import { situationRoutes } from './situations.mjs';
import { socketRoutes } from './socket.mjs';
import { trpcRoutes } from './trpc.mjs';

// The answer of GraphQL servers to a request without a good token, with the status 200.
const UNAUTHENTICATED = { data: null, errors: [{ message: 'Sign in', extensions: { code: 'UNAUTHENTICATED' } }] };

/** `page` is the folder of the pages. */
export async function startServer(page) {
  const app = await buildServer({ testing: true, page });
  const { sessions } = app;
  const ledger = new Ledger(sessions);
  const guard = createGuard(sessions);

  // Where createApi() expects them by itself.
  app.register(signInRoutes);
  // No content: the browser stays on the page that it was told to leave, and the test can go on asking it.
  app.get('/login', (_request, reply) => reply.code(204).send());

  const guarded = (routes, options = {}, check = guard.onRequest) => app.register(async (scope) => {
    ledger.watch(scope);
    scope.addHook('onRequest', check);
    await scope.register(routes, { ledger, ...options });
  });
  guarded(restRoutes, { prefix: '/api' });
  guarded(graphqlRoutes, { path: '/graphql' });
  guarded(graphqlRoutes, { path: '/graphql-errors' }, async (request, reply) => {
    const found = sessions.check(bearerToken(request));
    if ('error' in found) return reply.send(UNAUTHENTICATED);
    request.session = found;
  });
  guarded(trpcRoutes);
  guarded(postgrestRoutes);
  situationRoutes(guarded, { sessions });
  const events = eventRoutes(guarded);
  const sockets = await socketRoutes(app);

  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const otherURL = await app.listenAlso();
  return {
    url,
    otherURL,
    events,
    sockets,
    strays: ledger.strays,
    /** Begins a session: its tokens, and what the server has on record of it. */
    signIn(user = 'ada', ttl = 3600) {
      const { session, tokens } = sessions.begin(user, { ttl });
      return { session, tokens, record: ledger.of(session) };
    },
    /** Ends the access token, and what is connected with it. */
    expire(session) {
      sessions.expire(session);
      events.disconnect(session);
      sockets.disconnect(session);
    },
    /** Resolves when as many refreshes have arrived. */
    async refreshes({ counts }, wanted) {
      for (let left = 200; counts.refreshes < wanted; left -= 1) {
        if (left === 0) throw new Error(`${counts.refreshes} refreshes have arrived, and not ${wanted}`);
        await sleep(25);
      }
    },
    close: () => app.close(),
  };
}
