// npm run test:provider: ten tabs that share a session of a real identity provider, for thirty expiries.
// About 2½ minutes. SEED, EXPIRIES, TABS and CLIENTS: see tests/provider/provider.test.mjs.

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { runStages } from './test/run.mjs';
import { providerTests } from './test/stages.mjs';

await asScript(import.meta.url, async (filters) => {
  await setup({ engines: ['chromium'] });
  const provider = { title: 'A real identity provider: usually 2½ minutes', run: providerTests };
  return runStages({ provider }, filters);
});
