// Tokens: which strings can be one, and what a JWT says about itself. Nothing here shows a token.

/** @typedef {Record<string, any> | undefined} Claims */

// Headers take one byte for each character, and trim white space off both ends.
const UNSENDABLE = /[\0\n\r\u0100-\uffff]/;
const AROUND = /^[\t\n\r ]+|[\t\n\r ]+$/g;

/** Strings that say that there is no token, as applications and servers make them of what is missing. */
const NO_TOKENS = ['', 'undefined', 'null'];

/**
 * @param {unknown} value
 * @returns {value is string}
 */
export const isToken = (value) => typeof value === 'string' && !NO_TOKENS.includes(value);

/**
 * Returns `value` if it is a token that is valid in a header.
 * @param {unknown} value
 * @returns {string | undefined}
 */
export function usableToken(value) {
  if (!isToken(value)) return undefined;
  return UNSENDABLE.test(value) && UNSENDABLE.test(value.replace(AROUND, '')) ? undefined : value;
}

/**
 * Converts seconds to ms; NaN unless `value` is a positive number.
 * @param {unknown} seconds
 */
export const millisOf = (seconds) => (
  typeof seconds === 'number' && seconds > 0 && seconds < Infinity ? seconds * 1000 : Number.NaN
);

/**
 * As {@link millisOf}; servers give a lifetime as a text as well.
 * @param {unknown} seconds
 */
export const lifetimeOf = (seconds) => millisOf(
  typeof seconds === 'string' && /^[\d.]+$/.test(seconds) ? Number(seconds) : seconds,
);

/**
 * Reads what the JWT `token` claims (RFC 7519 §4.1).
 * @param {string} token
 * @returns {Claims}
 */
function decodeClaims(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), byteOf);
    const claims = JSON.parse(new TextDecoder().decode(bytes), (_name, value) => Object.freeze(value));
    if (typeof claims === 'object' && claims && !Array.isArray(claims)) return claims;
  } catch {
    // It is not a JWT: nothing is known about it.
  }
  return undefined;
}

/** @param {string} character */
const byteOf = (character) => character.charCodeAt(0);

// Cached for the last two tokens: a refresh compares the new one with the one before.
/** @type {{ token: string, claims: Claims }[]} */
let remembered = [];

/**
 * Returns the claims of a token, frozen; undefined where it is no JWT.
 * @param {string} token
 */
export function claimsOf(token) {
  const known = remembered.find((one) => one.token === token);
  if (known) return known.claims;
  const claims = decodeClaims(token);
  remembered = [{ token, claims }, ...remembered.slice(0, 1)];
  return claims;
}

/** @param {string} token */
export function subject(token) {
  const sub = claimsOf(token)?.sub;
  return typeof sub === 'string' ? sub : undefined;
}

/**
 * In ms since 1970; NaN: not known.
 * @param {string} token
 */
export const issuedAt = (token) => millisOf(claimsOf(token)?.iat);

/**
 * In ms since 1970; NaN: not known.
 * @param {string} token
 */
export const expiresAt = (token) => millisOf(claimsOf(token)?.exp);

/** Drops the tokens that are cached here. */
export function forgetTokens() {
  remembered = [];
}

/**
 * Computes the fingerprint of a token for the record: an integer of 53 bits, never 0.
 *
 * Combines two 32-bit hashes (FNV-1a with different multipliers; the second one also takes in the first one's state),
 * then mixes the bits of each.
 *
 * @param {string} token
 */
export function fingerprint(token) {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = 0; at < token.length; at += 1) {
    low = Math.imul(low ^ token.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ token.charCodeAt(at) ^ low >>> 15, 0x5bd1e995);
  }
  return (spread(high) >>> 11) * 2 ** 32 + (spread(low) >>> 0) || 1;
}

/** @param {number} bits */
function spread(bits) {
  const mixed = Math.imul(bits ^ bits >>> 16, 0x85ebca6b);
  return mixed ^ mixed >>> 13;
}

/** Stands for an access token that no script can read: a new one for each, of 16 digits. */
export const mark = () => `${Math.floor((1 + 8 * Math.random()) * 1e15)}`;

/** @param {string} token */
export const isMark = (token) => /^\d{16}$/.test(token);
