// npm test: all stages. npm test -- browser: one. npm test -- browser replay: those of its tests whose name
// contains "replay". npm test -- attack --long: the attacks with ten times as many cases.

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { runStages } from './test/run.mjs';
import { attackTests, browserTests, endToEndTests, nativeTests, rustTests, shellTests } from './test/stages.mjs';

const STAGES = {
  native: { title: 'Native tests of the crate', run: nativeTests },
  shell: { title: 'The shell, by itself', run: shellTests },
  browser: { title: 'Tests in a real browser', run: browserTests },
  rust: { title: 'The crate in a Rust front-end', run: rustTests },
  e2e: { title: 'End-to-end tests of the package and the demo', run: endToEndTests },
  attack: { title: 'Hostile URLs, arguments, answers and pages', run: attackTests },
};

const stageOf = (name, isLong) => (
  name === 'attack' ? { ...STAGES.attack, run: (filters) => attackTests(filters, { isLong }) } : STAGES[name]
);

await asScript(import.meta.url, async (given) => {
  const isLong = given.includes('--long');
  const args = given.filter((arg) => arg !== '--long');
  const named = args.filter((arg) => arg in STAGES);
  const names = named.length > 0 ? named : Object.keys(STAGES);
  const inBrowser = names.some((name) => !['native', 'shell'].includes(name));
  await setup({ wasm: inBrowser, engines: inBrowser ? ['chromium'] : [] });
  return runStages(
    Object.fromEntries(names.map((name) => [name, stageOf(name, isLong)])),
    args.filter((arg) => !(arg in STAGES)),
  );
});
