// Tells if a build result is still newer than everything that it was made from.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './places.mjs';

/** `result` and `sources` are paths in the project; sources may be folders. `except` is left out of them. */
export function isFresh(result, sources, except = []) {
  if (!existsSync(join(root, result))) return false;
  const built = statSync(join(root, result)).mtimeMs;
  return sources.every((source) => newest(join(root, source), except) <= built);
}

/** The latest change in a file or folder. A folder's own time counts too: it tells of removed files. */
function newest(path, except) {
  if (!existsSync(path) || except.includes(relative(root, path))) return 0;
  const stat = statSync(path);
  const inside = stat.isDirectory() ? readdirSync(path).map((name) => newest(join(path, name), except)) : [];
  return Math.max(stat.mtimeMs, ...inside);
}
