// npm test: all stages. npm test -- browser: one. npm test -- browser replay: those of its tests whose name
// contains "replay".

import { asScript } from './children.mjs';
import { setup } from './setup.mjs';
import { runStages } from './test/run.mjs';
import { browserTests, endToEndTests, nativeTests, rustTests, shellTests } from './test/stages.mjs';

const STAGES = {
  native: { title: 'Native tests of the crate', run: nativeTests },
  shell: { title: 'The shell, by itself', run: shellTests },
  browser: { title: 'Tests in a real browser', run: browserTests },
  rust: { title: 'The crate in a Rust front-end', run: rustTests },
  e2e: { title: 'End-to-end tests of the package and the demo', run: endToEndTests },
};

await asScript(import.meta.url, async (args) => {
  const named = args.filter((arg) => arg in STAGES);
  const names = named.length > 0 ? named : Object.keys(STAGES);
  const inBrowser = names.some((name) => !['native', 'shell'].includes(name));
  await setup({ wasm: inBrowser, engines: inBrowser ? ['chromium'] : [] });
  return runStages(
    Object.fromEntries(names.map((name) => [name, STAGES[name]])),
    args.filter((arg) => !(arg in STAGES)),
  );
});
