// oidc-provider in the role of a commercial one: its paths, its answers to a refresh that is refused or comes too often.
// The API accepts the provider's JWTs, and stands at the page's origin.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { createRemoteJWKSet, jwtVerify } from 'jose';

import { CLIENT_ID, createIdentity } from '../../provider/server/identity.mjs';
import { authorize } from '../../provider/server/sign-in.mjs';

const API = 'https://api.example.com';

/**
 * `paths`: of the token endpoint and of the revocation; `issuer`: what comes before them. `rotates`: a refresh token is
 * good for one use. `grace`: ms in which it may be used once more. `refuse` and `busy` change the answer.
 */
export async function startProvider({ store, pageURL, issuer = '', paths, rotates = true, grace = 0, refuse, busy }) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = createIdentity({ origin, grace, ...settings({ pageURL, paths, rotates }) });
  const grants = new Set();
  provider.on('refresh_token.saved', ({ grantId }) => grants.add(grantId));

  const answerToken = tokenEndpoint({ store, pageURL, rotates, refuse, busy });
  provider.use(async (context, next) => {
    await (context.path === paths.token ? answerToken(context, next) : next());
    if (context.path === paths.revocation && context.oidc?.entities.RefreshToken) store.signOuts += 1;
  });
  server.on('request', provider.callback());
  store.end = async () => {
    for (const grant of grants) await provider.RefreshToken.revokeByGrantId(grant);
  };
  return {
    issuer: origin + issuer,
    guard: guardOf({ store, jwks: createRemoteJWKSet(new URL(`${origin}/jwks`)) }),
    /** The code that the provider sends to the redirect URI, and the verifier that the page has kept. */
    async credentials() {
      const verifier = randomBytes(32).toString('base64url');
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      return [await authorize(origin, challenge, `${pageURL}/callback`), verifier];
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Middleware around the provider's own. */
function tokenEndpoint({ store, pageURL, rotates, refuse, busy }) {
  return async (context, next) => {
    if (store.isBusy) {
      store.refreshes += 1;
      context.set('Access-Control-Allow-Origin', pageURL);
      busy(context);
      return;
    }
    await next();
    const { grant_type: type, refresh_token: presented } = context.oidc?.params ?? {};
    if (type !== 'refresh_token') return;
    store.refreshes += 1;
    if (rotates && store.presented.includes(presented)) store.reuses += 1;
    store.presented.push(presented);
    if (context.body?.error === 'invalid_grant') refuse(context);
    else if (!rotates) delete context.body.refresh_token;
  };
}

function settings({ pageURL, paths, rotates }) {
  return {
    clients: [{
      client_id: CLIENT_ID,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [`${pageURL}/callback`],
    }],
    clientBasedCORS: (_context, from) => from === pageURL,
    rotateRefreshToken: rotates,
    routes: { token: paths.token, revocation: paths.revocation },
    ttl: {
      AccessToken: () => 3600, RefreshToken: () => 3600, Grant: () => 3600, Session: () => 3600,
      Interaction: () => 60, IdToken: () => 60,
    },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      // Access tokens are JWTs, as those of the imitated providers.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: '', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      },
    },
  };
}

function guardOf({ store, jwks }) {
  // Those that were seen; `expire` ends them.
  const seen = new Set();
  const ended = new Set();
  store.expire = () => { for (const token of seen) ended.add(token); };
  const refuse = (reply) => reply.code(401).header('www-authenticate', 'Bearer error="invalid_token"').send();
  return async ({ headers }, reply) => {
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    if (!token || ended.has(token)) return refuse(reply);
    try {
      const { payload } = await jwtVerify(token, jwks, { audience: API });
      seen.add(token);
      return { user: payload.sub };
    } catch {
      return refuse(reply);
    }
  };
}
