// Proofs of possession (RFC 9449 §4.2), signed with ES256.

/** @typedef {{ method: string, url: string, accessToken?: string | undefined, nonce?: string | undefined, now: number }} Claim */

const encoder = new TextEncoder();

/**
 * Makes the proof for one attempt.
 *
 * @param {CryptoKeyPair} pair
 * @param {Claim} claim `now` is in ms since 1970, by the server's clock
 */
export async function proofOf(pair, { method, url, accessToken, nonce, now }) {
  const { origin, pathname } = new URL(url);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicKeyOf(pair) };
  const payload = {
    jti: crypto.randomUUID(),
    htm: method,
    htu: origin + pathname,
    iat: Math.floor(now / 1000),
    nonce,
    ath: accessToken && await digest(accessToken),
  };
  const signed = `${base64url(encoder.encode(JSON.stringify(header)))}.${base64url(encoder.encode(JSON.stringify(payload)))}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, encoder.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

/**
 * Returns the thumbprint of the public key (RFC 7638), as `dpop_jkt` and `cnf.jkt` have it.
 * @param {CryptoKeyPair} pair
 */
export async function thumbprintOf(pair) {
  const { crv, kty, x, y } = await publicKeyOf(pair);
  return digest(JSON.stringify({ crv, kty, x, y }));
}

/** @param {CryptoKeyPair} pair */
async function publicKeyOf({ publicKey }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return { kty, crv, x, y };
}

/** @param {string} text */
async function digest(text) {
  return base64url(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
}

/** @param {ArrayBuffer | Uint8Array} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
