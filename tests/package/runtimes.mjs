// Node, by both kinds of modules.

import assert from 'node:assert/strict';

import { app, slim, WRITES } from './app.mjs';

const BYTES = "readFileSync(require.resolve('tokenflight/tokenflight.wasm'))";
const SLIM = slim(BYTES, `import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`);

const PLACES = [
  // The Node that runs the tests, and every release of those that are supported.
  { name: 'Node, import', fast: true, version: process.versions.node, writes: WRITES.import, file: 'main.mjs' },
  { name: 'Node, require', fast: true, version: process.versions.node, writes: WRITES.require, file: 'main.cjs' },
  { name: 'Node, slim', version: process.versions.node, writes: SLIM, file: 'main.mjs' },
  ...[22, 26].flatMap((release) => [
    { name: `Node ${release}, import`, of: `node${release}`, release, writes: WRITES.import, file: 'main.mjs' },
    { name: `Node ${release}, require`, of: `node${release}`, release, writes: WRITES.require, file: 'main.cjs' },
  ]),
];

export const runtimes = PLACES.map((place) => ({ ...place, play: (fixture) => play(fixture, place) }));

const TELL = 'story(process.env.API).then((seen) => process.stdout.write(`\\n${JSON.stringify(seen)}\\n`));';

async function play(fixture, { writes, file }) {
  fixture.write({ [file]: `${app(writes)}\n${TELL}` });
  const log = await fixture.run(`node ${file}`, { API: `${await fixture.shop()}/api` });
  assert.equal((await fixture.judgeLog(log)).trim(), '', 'nothing else is printed');
}
