import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/fastify';

import { hashOf, textOf } from './notes.mjs';

const schema = buildSchema(`
  type Note { id: Int!, text: String! }
  type Query { note(id: Int!): Note! }
  type Mutation { addNote(text: String!): String! }
`);

/** GraphQL at `path`, by GET and by POST. */
export async function graphqlRoutes(app, { ledger, path }) {
  app.all(path, createHandler({
    schema,
    rootValue: {
      note: ({ id }, { session }) => ({ id, text: textOf(id, session) }),
      addNote: ({ text }, { session }) => ledger.accept(session, hashOf(text)),
    },
    context: ({ raw }) => ({ session: raw.session }),
  }));
}
