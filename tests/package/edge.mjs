// A Workers runtime, which compiles no bytes: the `workerd` condition brings a module that is compiled beforehand.

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { app, CROWD } from './app.mjs';
import { assertQuiet, modulesIn } from './output.mjs';

const WORKER = `${app()}
import { crowd } from './crowd.js';

const answer = (url, api) => (url.endsWith('?crowd') ? crowd(createApi) : story(api));
export default { fetch: async ({ url }, { API }) => Response.json(await answer(url, API)) };
`;

// Its settings stay in its folder, and it asks nobody where on earth it is.
const ALONE = { XDG_CONFIG_HOME: '.config', CLOUDFLARE_CF_FETCH_ENABLED: 'false' };

export const edge = [{ name: 'workerd, by wrangler', of: 'wrangler', release: 22, play }];

async function play(fixture) {
  const API = `${await fixture.shop()}/api`;
  fixture.write({
    'worker.js': WORKER,
    'crowd.js': CROWD,
    'wrangler.json': JSON.stringify({
      name: 'app', main: 'worker.js', compatibility_date: '2026-01-01', vars: { API },
    }),
  });
  assertQuiet(await fixture.run('wrangler deploy --dry-run --outdir dist', ALONE));
  assert.deepEqual(modulesIn(join(fixture.folder, 'dist')), { inlined: 0, files: 1 });
  const { url, text } = await fixture.serve((port) => `wrangler dev --ip 127.0.0.1 --port ${port}`, ALONE);
  await fixture.judgeLog(await (await fetch(url)).text());
  assert.deepEqual(await (await fetch(`${url}/?crowd`)).json(), []);
  assertQuiet(text());
}
