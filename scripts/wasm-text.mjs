// The module's bytes as text for src/npm/bytes.js. A script needs only a few of them escaped; the zero byte, which is by
// far the most frequent, changes places with a rare one that does without.

/** The first bytes of any module. */
export const MAGIC = [0, ...Buffer.from('asm')];

/** What may stand for the zero byte: plain in a string literal of any kind, and in no word. */
export const STAND_INS = Buffer.from('!#%&()*+,-./:;<=>?@[]^_|}~');

/** Bytes as src/npm/bytes.js reads them again. */
export function asText(bytes, standIn) {
  const places = new Map([[0, standIn], [standIn, 0]]);
  return Array.from(bytes, (byte) => String.fromCharCode(places.get(byte) ?? byte)).join('');
}

/** The byte that is the rarest of those that may stand for zero. */
export function rarest(bytes) {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] += 1;
  return STAND_INS.reduce((best, each) => (counts[each] < counts[best] ? each : best));
}

const ESCAPES = { '\0': '\\x00', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };
const escaped = (character) => ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16)}`;

/**
 * Text as a string literal. Minifiers escape more than they have to, which costs 50 bytes after gzip; and in a template,
 * Parcel loses backslashes, and line ends may be changed on the way.
 */
export function asLiteral(text, charset) {
  const quote = text.split("'").length < text.split('"').length ? "'" : '"';
  const plain = text.replace(charset === 'ascii' ? /[\0\n\r\\\x7f-\xff]/g : /[\0\n\r\\]/g, escaped);
  return quote + plain.replaceAll(quote, `\\${quote}`) + quote;
}
