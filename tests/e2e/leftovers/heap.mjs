// Tells how many tokens of a session the heap holds before it is signed out, and afterwards.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';

import { createApi } from '../../../dist/index.js';
import { straight, wholeSession } from './session.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tokenflight-'));

function heapText() {
  return readFileSync(writeHeapSnapshot(join(folder, 'heap')), 'latin1');
}

let before;
const { api, reversed } = await wholeSession(createApi, {}, () => { before = heapText(); });
// Regular expressions remember the last string that they have matched.
await (await wholeSession(createApi, {})).api.signIn({ accessToken: 'another', refreshToken: 'another' });
for (let round = 0; round < 5; round += 1) {
  await pause();
  globalThis.gc();
}
const after = heapText();
rmSync(folder, { recursive: true });
// The current ones: a refresh has replaced the others.
const tokens = straight([reversed[1], reversed[3]]);
const all = straight(reversed.slice(0, 4));
const found = { before: tokens.filter((token) => before.includes(token)).length, after: all.filter((token) => after.includes(token)).length };
assert.ok(api.fetch);
console.log(JSON.stringify(found));
