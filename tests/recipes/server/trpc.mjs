import { initTRPC } from '@trpc/server';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';

import { hashOf, textOf } from './notes.mjs';

/**
 * @typedef {{ user: string, sid: string }} Session
 * @typedef {{ session: Session, accept: (session: Session, hash: string) => string }} Context
 */

const trpc = /** @type {ReturnType<typeof initTRPC.context<Context>>} */ (initTRPC.context()).create();

export const router = trpc.router({
  note: trpc.procedure
    .input((id) => Number(id))
    .query(({ input, ctx }) => ({ id: input, text: textOf(input, ctx.session) })),
  addNote: trpc.procedure
    .input((text) => String(text))
    .mutation(({ input, ctx }) => ctx.accept(ctx.session, hashOf(input))),
});

/** `/trpc`, batches included. */
export async function trpcRoutes(app, { ledger }) {
  app.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: {
      router,
      createContext: ({ req }) => ({ session: req.session, accept: (...args) => ledger.accept(...args) }),
    },
  });
}
