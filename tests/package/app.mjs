// The app that every place gets: story.js, with the line by which a user brings the package in there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const STORY = readFileSync(join(import.meta.dirname, 'story.js'), 'utf8');
/** A server's part: many users at once. */
export const CROWD = readFileSync(join(import.meta.dirname, 'crowd.js'), 'utf8');
const NAMES = '{ createApi, HttpError }';

/** Where a page finds the package's files when its folder is served as it is. */
export const FILES = '/node_modules/tokenflight/dist';

/** The line that a user writes, by the kind of module that it is written in. */
export const WRITES = {
  import: `import ${NAMES} from 'tokenflight';`,
  require: `const ${NAMES} = require('tokenflight');`,
  global: `const ${NAMES} = tokenflight;`,
  url: `import ${NAMES} from '${FILES}/index.js';`,
};

/** Returns the code of a user who brings the module as a file: `source` is an expression, `line` declares what it needs. */
export function slim(source, line = '', from = 'tokenflight/slim') {
  return `import { createApi, HttpError, init } from '${from}';\n${line}\nawait init(${source});`;
}

/** The source of the app. `writes` takes the place of its import. */
export function app(writes = WRITES.import) {
  assert.ok(STORY.includes(WRITES.import), 'story.js begins with the import that is replaced');
  return STORY.replace(WRITES.import, () => writes);
}

/** Imports and does not use: nothing of the package is to be left of this. */
export const UNUSED = `${WRITES.import}\nconsole.log('nothing of it is used');\n`;

/** A page with scripts, each given by its attributes. */
export function html(...scripts) {
  const tags = scripts.map((attributes) => `<script ${attributes}></script>`);
  return `<!doctype html>\n<html lang="en">\n<title>app</title>\n${tags.join('\n')}\n</html>\n`;
}

/** The app's results when all went well. */
export const SEEN = { statuses: [200, 200, 200, 200, 200], pings: [1, 2, 3, 4, 5], isHttpError: true };
