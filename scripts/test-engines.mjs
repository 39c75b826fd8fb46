// npm run test:engines: the browser tests in Chromium, Firefox and WebKit, and then several tabs of each. With names
// of engines (-- firefox webkit) only in those; -- webkit tabs: only the tabs; -- webkit attack [--long]: only the
// attacks; -- webkit replay: only browser tests whose name contains "replay".

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { ENGINES } from './setup/engines.mjs';
import { runStages } from './test/run.mjs';
import { attackTests, browserTests, tabTests } from './test/stages.mjs';

await asScript(import.meta.url, async (args) => {
  const named = args.filter((arg) => arg in ENGINES);
  const engines = named.length > 0 ? named : Object.keys(ENGINES);
  const isOnly = (stage) => args.includes(stage);
  const isLong = args.includes('--long');
  const filters = args.filter((arg) => !(arg in ENGINES) && !['tabs', 'attack', '--long'].includes(arg));
  await setup({ engines });
  const stages = {};
  for (const engine of isOnly('tabs') || isOnly('attack') ? [] : engines) {
    const { title } = ENGINES[engine];
    stages[engine] = { title: `Browser tests in ${title}`, run: (words) => browserTests(words, engine) };
  }
  if (filters.length === 0 && !isOnly('attack')) stages.tabs = { title: 'Several tabs', run: () => tabTests(engines) };
  if (isOnly('attack') || filters.length === 0 && !isOnly('tabs')) {
    stages.attack = { title: 'Hostile pages', run: (words) => attackTests(words, { engines, isLong }) };
  }
  return runStages(stages, filters);
});
