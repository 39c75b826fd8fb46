// The notes that all clients ask for and send.

import { createHash } from 'node:crypto';

/** Returns the text that each caller has to get: no two calls have the same answer. */
export const textOf = (id, { user }) => `note ${id} of ${user}`;

export const hashOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
