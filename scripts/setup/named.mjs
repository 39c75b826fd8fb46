// Executables that a developer names by an environment variable.

import { Explained } from '../children.mjs';
import { isExecutable } from '../places.mjs';

/** The path in `variable`, or null when it is not set. */
export function named(variable) {
  const path = process.env[variable];
  if (path && !isExecutable(path)) throw new Explained(`${variable} names no executable file: ${path}`);
  return path || null;
}
