// The API behind each imitated server: notes to read and to write.

/** Returns the note that each caller has to get: no two calls have the same answer. */
export const noteOf = (id, user) => ({ id: Number(id), text: `note ${id} of ${user}` });

/**
 * `guard` answers a request itself that it does not let in; otherwise it returns the session. `wrap` puts a note into the
 * envelope that the server has.
 */
export function noteRoutes(app, { store, guard, path = '/notes', wrap = (note) => note }) {
  app.register(async (scope) => {
    scope.decorateRequest('session', null);
    scope.addHook('preHandler', async (request, reply) => {
      // A reply that is awaited is undefined.
      request.session = await guard(request, reply);
      return request.session ? undefined : reply;
    });
    scope.get(`${path}/:id`, async ({ params, session }) => wrap(noteOf(params.id, session.user)));
    scope.post(path, async ({ body }, reply) => {
      store.accepted.push(body.text);
      return reply.code(201).send(wrap(body));
    });
  });
}

/** The refresh endpoint: counted, and answered by `busy` while the server is. */
export function refreshRoute(app, { store, method = 'POST', url, busy, handler }) {
  app.route({
    method,
    url,
    handler(request, reply) {
      store.refreshes += 1;
      return store.isBusy ? busy(reply) : handler(request, reply);
    },
  });
}
