// The identity provider: oidc-provider as it is, with short access tokens and rotation at every refresh.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

import { withGrace } from './grace.mjs';

export const CLIENT_ID = 'shop';

/**
 * `grace`: milliseconds in which a refresh token that was used may be used again; 0: a second use revokes the
 * grant, as oidc-provider does it by itself. `others`: more of its settings.
 */
export function createIdentity({ origin, grace, random, ...others }) {
  return quietly(() => new Provider(origin, {
    ...(grace > 0 && { adapter: withGrace(createMemoryAdapter(), grace) }),
    clients: [{
      client_id: CLIENT_ID,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [redirectURI(origin)],
    }],
    clientBasedCORS: (_context, from) => from === origin,
    clockTolerance: 0, // the default would accept expired tokens for 15 s
    rotateRefreshToken: true,
    ttl: {
      // Whole seconds, on a clock of whole seconds: a token of 2 lives for 1 to 2.
      AccessToken: () => random.between(2, 3),
      RefreshToken: () => 3600, Grant: () => 3600, Session: () => 3600, Interaction: () => 60, IdToken: () => 60,
    },
    features: { devInteractions: { enabled: true } },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [signingKey()] },
    ...others,
  }));
}

export function redirectURI(origin) {
  return `${origin}/shop/callback`;
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'test' };
}

/** The provider warns of what only a test does. */
function quietly(work) {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return work();
  } finally {
    Object.assign(console, { warn, info });
  }
}
