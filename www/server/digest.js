import { createHash } from 'node:crypto';

/** The line that begins a form, by RFC 2046, section 5.1.1. */
const DELIMITER = /^--([\w-]{16,})\r\n/;

/** Two hyphens, 70 characters, and the end of the line. */
const LONGEST_DELIMITER = 74;

/**
 * Tells two bodies apart by their content. A browser draws another boundary for each form, and not always one of the same
 * length, so a fixed one takes its place: the same form has the same digest each time it is sent.
 *
 * @param {Buffer} body
 * @returns {{ length: number, sha256: string }}
 */
export function digest(body) {
  const [, boundary] = DELIMITER.exec(body.toString('latin1', 0, LONGEST_DELIMITER)) ?? [];
  const compared = boundary ? Buffer.from(body.toString('latin1').replaceAll(boundary, 'boundary'), 'latin1') : body;
  return { length: compared.length, sha256: createHash('sha256').update(compared).digest('hex') };
}
