// The recipes as the documentation has them: each code block that says `recipe=name` is a module of that name.

import { readFileSync } from 'node:fs';

const BLOCK = /^```ts recipe=([\w-]+)\n(.*?)^```$/gms;

/** The recipes in a file, by name. */
export function recipesIn(path) {
  const found = [...readFileSync(path, 'utf8').matchAll(BLOCK)].map(([, name, code]) => [name, code]);
  const recipes = new Map(found);
  if (recipes.size < found.length) throw new Error(`${path} has two recipes of one name`);
  return recipes;
}
