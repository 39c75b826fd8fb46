// `tokenflight/dpop`: access and refresh tokens that are of no use without this browser's key (RFC 9449).

import { KeyStore } from '../dpop/key.js';
import { Prover } from '../dpop/prover.js';
import { join, ownBase, resolve } from '../shell/origins.js';
import { platformFetch } from '../shell/underneath.js';

export function withDpop(createApi, options = {}, { keyName = 'tokenflight' } = {}) {
  if (typeof createApi !== 'function' || typeof options !== 'object' || !options) {
    throw new TypeError('withDpop: expected createApi of tokenflight, and its options.');
  }
  if (!globalThis.crypto?.subtle) {
    throw new TypeError('withDpop needs WebCrypto, which browsers give to pages of https: and of localhost only.');
  }
  const keys = new KeyStore(keyName);
  const prover = new Prover(keys);
  const asking = (input, init) => prover.ask(underneath(options), input, init);
  const api = createApi({
    scheme: 'DPoP',
    ...options,
    fetch: fetchWith(prover, asking, options),
    hooks: { ...options.hooks, onRequest: proving(prover, options.hooks?.onRequest) },
    isUnauthorized: judging(prover, options.isUnauthorized),
  });
  api.on('signedOut', () => { keys.forget(); });
  return { api, fetch: asking, thumbprint: async () => (await keys.renew()).jkt };
}

/** The caller's `fetch`, or the platform's as it is now. */
const underneath = ({ fetch }) => fetch ?? platformFetch();

/** The `fetch` under the api: adds proofs to what asks for tokens. Attempts bring theirs; nothing else gets one. */
function fetchWith(prover, asking, options) {
  const { baseURL, refresh, refreshURL = '/refresh-token', signOutURL } = options;
  // As the api resolves them, which follows no `<base>` of another origin.
  const base = ownBase();
  const places = [refreshURL, signOutURL, refresh?.tokenEndpoint, refresh?.revocationEndpoint]
    .filter((place) => typeof place === 'string')
    .map((place) => resolve(join(baseURL && resolve(baseURL, base), place), base));
  return (input, init) => {
    const headers = new Headers(init?.headers ?? input.headers);
    if (headers.has('DPoP')) return prover.attempt(underneath(options), input, init, headers);
    const url = typeof input === 'string' ? input : input.url ?? String(input);
    return places.includes(resolve(url)) ? asking(input, init) : underneath(options)(input, init);
  };
}

/** The hook that adds the proof of one attempt, after the application's own. */
function proving(prover, onRequest) {
  return async (given, context) => {
    const changed = await onRequest?.(given, context);
    const request = changed instanceof Request ? changed : given;
    const { accessToken } = context;
    // The token does not go to another origin that the application's hook has chosen, and no proof either.
    if (accessToken && new URL(request.url).origin === new URL(given.url).origin) {
      request.headers.set('DPoP', await prover.proof(request, accessToken));
    }
    return request;
  };
}

/** Lets a 401 that asks for the server's nonce be answered by another proof (§9), in place of a refresh. */
function judging(prover, isUnauthorized) {
  return (response) => {
    if (response.url && prover.isChallenge(response.url, response)) return 'replay';
    return isUnauthorized ? isUnauthorized(response) : response.status === 401;
  };
}
