/**
 * Tokens that are of no use without this browser's key: DPoP (RFC 9449).
 *
 * @example
 * import { createApi } from 'tokenflight';
 * import { withDpop } from 'tokenflight/dpop';
 *
 * const { api, fetch, thumbprint } = withDpop(createApi, {
 *   refresh: { tokenEndpoint: 'https://id.example.com/token', clientId: 'shop' },
 * });
 *
 * @packageDocumentation
 */

import type { Api, ApiOptions } from './index.js';

/**
 * Creates an api whose attempts and refreshes are proved with a key that cannot be extracted. The key is made when it is
 * first needed, kept in IndexedDB, shared by all tabs, and deleted at the sign-out. Without IndexedDB it lives as long as
 * the page.
 *
 * @param createApi of `tokenflight` or `tokenflight/slim`
 * @param options as for `createApi`. The `scheme` is `DPoP` unless you say otherwise.
 * @throws {TypeError} without WebCrypto, and as `createApi` does
 */
export function withDpop(
  createApi: (options?: ApiOptions) => Api, options?: ApiOptions, settings?: DpopSettings,
): DpopApi;

/** The result of {@link withDpop}. */
export interface DpopApi {
  /** The api whose requests and refreshes carry proofs. */
  readonly api: Api;
  /**
   * A `fetch` with proofs, for the sign-in itself: the request that exchanges the code for tokens (RFC 9449 §5). It
   * attaches no token. Where the server wants its nonce in the proof, the request is sent again.
   */
  readonly fetch: typeof globalThis.fetch;
  /** The thumbprint of the key (RFC 7638), for the parameter `dpop_jkt` of the authorization request (RFC 9449 §10). */
  readonly thumbprint: () => Promise<string>;
}

/** Settings of {@link withDpop}. */
export interface DpopSettings {
  /** The name under which the key is kept. Apps of one origin that sign in separately need one each. Default: `'tokenflight'`. */
  readonly keyName?: string;
}
