// Executables that a developer names by an environment variable, and where they are otherwise.

import { Explained } from '../children.mjs';
import { isExecutable, onPath } from '../places.mjs';

/** The path in `variable`, or null when it is not set. */
export function named(variable) {
  const path = process.env[variable];
  if (path && !isExecutable(path)) throw new Explained(`${variable} names no executable file: ${path}`);
  return path || null;
}

/** A browser: the one in `variable`, one of `names` on PATH, or the one that macOS keeps at `application`. */
export function findBrowser(variable, names, application) {
  return named(variable) ?? names.map(onPath).find(Boolean) ?? (isExecutable(application) ? application : null);
}
