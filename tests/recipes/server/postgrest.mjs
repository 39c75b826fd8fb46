// As much of PostgREST as a table of notes needs.

import { hashOf, textOf } from './notes.mjs';

const idIn = ({ id }) => Number(/^eq\.(\d+)$/.exec(id)?.[1]);

export async function postgrestRoutes(app, { ledger }) {
  app.get('/rest/v1/notes', async ({ query, session }) => [{ id: idIn(query), text: textOf(idIn(query), session) }]);

  app.post('/rest/v1/notes', async ({ body, session }, reply) => {
    reply.code(201);
    return [{ hash: ledger.accept(session, hashOf(body.text)) }];
  });
}
