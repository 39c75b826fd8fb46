export type AppRouter = typeof import('../../server/trpc.mjs').router;
