// The part of node:crypto that www/server uses, implemented with Web Crypto.

export const randomUUID = () => crypto.randomUUID();

/** @param {number} size */
export function randomBytes(size) {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(size)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { toString: () => hex };
}
