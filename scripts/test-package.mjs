// npm run test:package: the packed package in bundlers, frameworks, test runners and runtimes. A minute.
// npm run test:package -- Vite: the tests whose name contains "Vite".

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { placePackages } from './setup/npm.mjs';
import { runStages } from './test/run.mjs';
import { packageTests } from './test/stages.mjs';

await asScript(import.meta.url, async (filters) => {
  await setup({ engines: ['chromium'], packages: [placePackages] });
  const places = { title: 'The packed package, wherever it is used: usually 1 minute', run: packageTests };
  return runStages({ package: places }, filters);
});
