// Where things are: the project, the tools that it fetches for itself, and what the machine has.

import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, whatever the working directory is. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tools live outside the project: a fresh clone, or `git clean`, need not build them again. */
export const cache = process.platform === 'darwin'
  ? join(homedir(), 'Library', 'Caches', 'tokenflight')
  : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tokenflight');

/** The path of an executable on PATH, or null. Looks only, runs nothing. */
export function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Tells if `path` is an executable file. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * A new folder whose name begins with `prefix`, removed when this process ends, in whatever way: half an
 * installation is never left behind. One that was renamed in the meantime is finished and stays.
 */
export function temporaryFolder(prefix) {
  mkdirSync(dirname(prefix), { recursive: true });
  const folder = mkdtempSync(prefix);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
