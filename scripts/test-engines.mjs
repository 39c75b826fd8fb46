// npm run test:engines: the browser tests in Chromium, Firefox and WebKit, and then several tabs of each. With names
// of engines (-- firefox webkit) only in those; -- webkit tabs: only the tabs; -- webkit replay: only browser tests
// whose name contains "replay".

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { ENGINES } from './setup/engines.mjs';
import { runStages } from './test/run.mjs';
import { browserTests, tabTests } from './test/stages.mjs';

await asScript(import.meta.url, async (args) => {
  const named = args.filter((arg) => arg in ENGINES);
  const engines = named.length > 0 ? named : Object.keys(ENGINES);
  const filters = args.filter((arg) => !(arg in ENGINES) && arg !== 'tabs');
  await setup({ engines });
  const stages = {};
  for (const engine of args.includes('tabs') ? [] : engines) {
    const { title } = ENGINES[engine];
    stages[engine] = { title: `Browser tests in ${title}`, run: (words) => browserTests(words, engine) };
  }
  if (filters.length === 0) stages.tabs = { title: 'Several tabs', run: () => tabTests(engines) };
  return runStages(stages, filters);
});
