// The table of places. Each has a name, the npm package that it is about (`of`), what a user writes, and how the
// story is played there (`play`). `fast`: it needs nothing but what the project has anyway, and `npm test` goes there
// as well.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { bundlers } from './bundlers.mjs';
import { edge } from './edge.mjs';
import { frameworks } from './frameworks.mjs';
import { pages } from './pages.mjs';
import { runners } from './runners.mjs';
import { runtimes } from './runtimes.mjs';
import { workers } from './workers.mjs';

export const PLACES = [...bundlers, ...frameworks, ...pages, ...workers, ...runtimes, ...runners, ...edge];

/** Returns the version to show beside a place's name: that of the npm package `of`, or of what runs it. */
export function versionOf({ of, version }, chromium) {
  return version ?? (of ? installedVersion(of) : chromium);
}

function installedVersion(name) {
  const folders = createRequire(import.meta.url).resolve.paths(name);
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync);
  return file ? JSON.parse(readFileSync(file, 'utf8')).version : 'missing';
}
