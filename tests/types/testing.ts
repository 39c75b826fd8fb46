// `tokenflight/testing`: what its types accept, and what they refuse.

import { createApi } from 'tokenflight';
import {
  createTokenServer, resetSessions, signedInState, type SignedInState, type TokenServer, type TokenServerOptions,
} from 'tokenflight/testing';

const options: Required<TokenServerOptions> = {
  refreshURL: '/token', expiresIn: 60, rotation: false, reuse: 'accept', delay: 5, respond: () => new Response(),
};
export const server: TokenServer = createTokenServer(options);
globalThis.fetch = server.fetch;
const api = createApi({ fetch: server.fetch });
void api.signIn(server.signIn({ sub: 'ada' }));
server.fail();
server.fail({ times: 1, status: 0, retryAfter: 3 });
export const done: Promise<void> = resetSessions();
export const state: SignedInState = signedInState({ origin: 'http://localhost', accessToken: 'x', accessTokenKey: 'token' });

// @ts-expect-error a session has an origin
signedInState({ accessToken: 'x' });
// @ts-expect-error reuse is revoked or accepted
createTokenServer({ reuse: 'ignore' });
// @ts-expect-error counts are not for writing
server.refreshes = 0;
