// Proves requests, and remembers what the servers have said: the nonce of each, and what time it is there.

import { resolve } from '../shell/origins.js';
import { proofOf } from './proof.js';

/** @import { KeyStore } from './key.js' */
/** @typedef {(input: any, init?: any) => Promise<Response>} Fetch */

/** The header has whole seconds, and a way to go. */
const CLOCK_TOLERANCE = 2000;

export class Prover {
  #keys;
  /**
   * By origin: those of token servers and those of apis, which are different ones also where both have the same origin
   * (RFC 9449 §8 and §9).
   * @type {{ asking: Map<string, string>, attempt: Map<string, string> }}
   */
  #nonces = { asking: new Map(), attempt: new Map() };
  /** How far the server's clock is ahead, in ms. */
  #ahead = 0;

  /** @param {KeyStore} keys */
  constructor(keys) {
    this.#keys = keys;
  }

  /**
   * Makes the proof for one attempt.
   *
   * @param {{ url: string, method: string }} request
   * @param {string | undefined} accessToken
   * @param {'asking' | 'attempt'} [kind]
   */
  async proof({ url, method }, accessToken, kind = 'attempt') {
    const { pair } = await this.#keys.get();
    const nonce = this.#nonces[kind].get(new URL(url).origin);
    return proofOf(pair, { url, method, accessToken, nonce, now: Date.now() + this.#ahead });
  }

  /**
   * Asks for tokens, with a proof: once more where the server wants its nonce in it.
   *
   * @param {Fetch} fetch
   * @param {any} input
   * @param {any} [init]
   */
  async ask(fetch, input, init) {
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    const accessToken = tokenIn(headers);
    // Another tab may have replaced it.
    await this.#keys.renew();
    const send = async () => {
      headers.set('DPoP', await this.proof(request, accessToken, 'asking'));
      return input instanceof Request ? fetch(new Request(request.clone(), { headers })) : fetch(input, { ...init, headers });
    };
    const response = await send();
    this.#heed(request.url, response, 'asking');
    return await wantsNonce(response) ? send() : response;
  }

  /**
   * Sends an attempt that has its proof. Where the server wants its nonce in it and there is no body, it is sent again
   * here, so that it can still be replayed after a refresh.
   *
   * @param {Fetch} fetch
   * @param {any} input
   * @param {any} init
   * @param {Headers} headers
   */
  async attempt(fetch, input, init, headers) {
    const response = await fetch(input, init);
    const isString = typeof input === 'string';
    const hasBody = Boolean(init?.body ?? (isString ? undefined : input.body));
    const url = isString ? resolve(input) : input.url;
    if (hasBody || !this.isChallenge(url, response)) return response;
    const method = init?.method ?? (isString ? 'GET' : input.method);
    headers.set('DPoP', await this.proof({ url, method }, tokenIn(headers)));
    return fetch(input, { ...init, headers });
  }

  /**
   * Takes note of an answer; tells if it is a 401 that asks for the nonce which it brings. From another origin than the
   * page's, the server has to expose `WWW-Authenticate` and `DPoP-Nonce`.
   *
   * @param {string} url
   * @param {Response} response
   */
  isChallenge(url, response) {
    this.#heed(url, response, 'attempt');
    return response.status === 401 && /use_dpop_nonce/.test(response.headers.get('WWW-Authenticate') ?? '');
  }

  /** @param {string} url @param {Response} response @param {'asking' | 'attempt'} kind */
  #heed(url, { headers }, kind) {
    const ahead = Date.parse(headers.get('Date') ?? '') - Date.now();
    if (!Number.isNaN(ahead)) this.#ahead = Math.abs(ahead) > CLOCK_TOLERANCE ? ahead : 0;
    const nonce = headers.get('DPoP-Nonce');
    if (nonce) this.#nonces[kind].set(new URL(url).origin, nonce);
  }
}

/** @param {Headers} headers */
const tokenIn = (headers) => headers.get('Authorization')?.match(/^DPoP (.+)/)?.[1];

/**
 * Tells if a token server's answer asks for its nonce.
 * @param {Response} response
 */
async function wantsNonce(response) {
  if (response.status !== 400 && response.status !== 401) return false;
  const text = await response.clone().text().catch(() => '');
  return text.includes('use_dpop_nonce');
}
