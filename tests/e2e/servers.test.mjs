// On a server, one module serves all users (rule 1.7).

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { crowd } from '../package/crowd.js';

const DIST = new URL('../../dist/', import.meta.url);
const ways = {
  import: () => import(new URL('index.js', DIST)),
  require: () => createRequire(import.meta.url)(new URL('index.cjs', DIST).pathname),
};

for (const [name, load] of Object.entries(ways)) {
  for (const options of [{}, { storage: 'memory' }, { storage: 'session', accessTokenKey: 'a' }]) {
    test(`50 users and visitors at once are kept apart: ${name}, ${JSON.stringify(options)}`, async () => {
      const { createApi } = await load();
      assert.deepEqual(await crowd(createApi, options), []);
    });
  }

  test(`apis that are given the same storage share its session: ${name}`, async () => {
    const { createApi } = await load();
    const held = new Map();
    const storage = {
      get: (key) => held.get(key), set: (key, value) => { held.set(key, value); }, remove: (key) => { held.delete(key); },
    };
    const [one, other] = [1, 2].map(() => createApi({ storage }));
    await one.signIn({ accessToken: 'shared' });
    assert.equal(await other.getAccessToken(), 'shared');
    const apart = createApi({ storage: { ...storage, get: () => null } });
    assert.equal(await apart.getAccessToken(), null);
  });
}
