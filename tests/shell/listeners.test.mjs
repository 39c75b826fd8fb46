// Listeners of a session.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Listeners } from '../../src/shell/listeners.js';
import { pretend, settle } from './stand-ins.mjs';

const EVENT = { type: 'signedOut', reason: 'signOut' };

test('those who listen to an event hear it when the code that runs is through', async () => {
  const listeners = new Listeners();
  const heard = [];
  listeners.add('signedOut', (event) => heard.push(event));
  listeners.add('tokenRefreshed', () => heard.push('wrong'));
  listeners.tell(EVENT);
  assert.deepEqual(heard, []);
  await settle();
  assert.deepEqual(heard, [EVENT]);
});

test('one that throws disturbs nobody, and the page hears of it', async (t) => {
  const reported = [];
  pretend(t, { reportError: (error) => reported.push(error) });
  const listeners = new Listeners();
  const heard = [];
  listeners.add('signedOut', () => { throw 'own'; });
  listeners.add('signedOut', () => heard.push(1));
  listeners.tell(EVENT);
  await settle();
  assert.deepEqual([heard, reported], [[1], ['own']]);
});

test('one that is reported to a page which throws at that disturbs nobody', async (t) => {
  pretend(t, { reportError: () => { throw new Error('hostile'); } });
  const listeners = new Listeners();
  const heard = [];
  listeners.add('signedOut', () => { throw new Error('own'); });
  listeners.add('signedOut', () => heard.push(1));
  listeners.tell(EVENT);
  await settle();
  assert.deepEqual(heard, [1]);
});

test('a listener is added as often as it is given, and each is removed by itself', async () => {
  const listeners = new Listeners();
  let calls = 0;
  const listener = () => { calls += 1; };
  const [removeOne, removeOther] = [listeners.add('signedOut', listener), listeners.add('signedOut', listener)];
  removeOne();
  removeOne();
  listeners.tell(EVENT);
  await settle();
  assert.equal(calls, 1);
  removeOther();
  listeners.tell(EVENT);
  await settle();
  assert.equal(calls, 1);
});

test('who begins to listen meanwhile hears the next one', async () => {
  const listeners = new Listeners();
  let calls = 0;
  listeners.add('signedOut', () => { listeners.add('signedOut', () => { calls += 1; }); });
  listeners.tell(EVENT);
  await settle();
  assert.equal(calls, 0);
  listeners.tell(EVENT);
  await settle();
  assert.equal(calls, 1);
});
