// The console's messages, and errors that are reported: pages replace both (rules 3.1 and 6.3).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { logDebug, report, warn } from '../../src/shell/console.js';
import { pretend } from './stand-ins.mjs';

const fails = () => { throw new Error('hostile'); };

test('a console that throws or is missing disturbs nobody', (t) => {
  const ways = {
    'one that throws': { debug: fails, warn: fails, error: fails },
    'one without functions': {},
    'one that throws when it is read': Object.defineProperty({}, 'debug', { get: fails }),
    'none': undefined,
  };
  for (const [how, console] of Object.entries(ways)) {
    pretend(t, { console, reportError: undefined });
    for (const write of [warn, logDebug, report]) assert.doesNotThrow(() => write('x'), how);
  }
});

test('a `reportError` that throws disturbs nobody', (t) => {
  pretend(t, { reportError: fails });
  assert.doesNotThrow(() => report(new Error('x')));
});
