// The module's bytes as text for src/npm/bytes.js: each byte is the character whose code is the byte XOR a key. A good
// key lets what would need an escape, or two bytes in UTF-8, stand for bytes that are rare.

import { gzip } from 'node:zlib';
import { promisify } from 'node:util';

/** The first bytes of any module. */
export const HEADER = [0, ...Buffer.from('asm'), 1, 0, 0, 0];

/** Keys under which the header is plain in a string literal, so that it can be found in whatever a bundler makes. */
export const KEYS = Array.from({ length: 128 }, (_, key) => key)
  .filter((key) => /^[ !#%-&(-[\]-_a-~]+$/.test(asText(HEADER, key)));

/** Bytes as src/npm/bytes.js reads them again. */
export function asText(bytes, key) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte ^ key)).join('');
}

/** The key with the smallest text after gzip. `inScript` says how a text is written in a script. */
export async function bestKey(bytes, inScript) {
  const weighed = await Promise.all(KEYS.map(async (key) => {
    const script = await promisify(gzip)(await inScript(asText(bytes, key)), { level: 9 });
    return { key, weight: script.length };
  }));
  return weighed.reduce((best, each) => (each.weight < best.weight ? each : best)).key;
}
