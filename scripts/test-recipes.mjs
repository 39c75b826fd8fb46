// npm run test:recipes: the recipes of docs/clients.md and docs/live.md, each under its client, in Chromium. About a
// minute. npm run test:recipes -- axios: the tests whose name contains "axios".

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { clientPackages } from './setup/npm.mjs';
import { runStages } from './test/run.mjs';
import { recipeTests } from './test/stages.mjs';

await asScript(import.meta.url, async (filters) => {
  await setup({ engines: ['chromium'], packages: [clientPackages] });
  const recipes = { title: 'Recipes for other clients: usually 1 minute', run: recipeTests };
  return runStages({ recipes }, filters);
});
