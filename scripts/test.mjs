// npm test: the stages that need nothing but a browser. npm test -- browser: one stage, whichever. npm test -- browser
// replay: those of its tests whose name contains "replay". npm test -- engines webkit replay: in one engine.
// --long: more of everything, in stages that have a long form.

import { asScript, Explained } from './children.mjs';
import { setup } from './setup.mjs';
import { ENGINES } from './setup/engines.mjs';
import { clientPackages, placePackages } from './setup/npm.mjs';
import { runStages } from './test/run.mjs';
import {
  attackTests, browserTests, endToEndTests, exampleTests, nativeTests, packageTests, providerTests, recipeTests, rustTests,
  shellTests, tabTests,
} from './test/stages.mjs';

const CHROMIUM = ['chromium'];

// `wasm: false`: what compiles nothing to WebAssembly. `extra`: runs when it is named only. `expand`: several in one.
const STAGES = {
  native: { title: 'Native tests of the crate: usually 2 minutes', run: nativeTests, wasm: false },
  shell: { title: 'The shell, by itself', run: shellTests, wasm: false },
  browser: { title: 'Tests in a real browser: usually 4 minutes', run: browserTests, engines: CHROMIUM },
  rust: { title: 'The crate in a Rust front-end: usually 1 minute', run: rustTests, engines: CHROMIUM },
  e2e: { title: 'End-to-end tests of the package and the demo: usually 4 minutes', run: endToEndTests, engines: CHROMIUM },
  attack: { title: 'Hostile URLs, arguments, answers and pages: usually 2 minutes', run: attackTests, engines: CHROMIUM },
  package: {
    title: 'The packed package, wherever it is used: usually 3 minutes', run: packageTests, engines: CHROMIUM,
    packages: [placePackages], extra: true,
  },
  recipes: {
    title: 'Recipes for clients and servers: usually 2 minutes', run: recipeTests, engines: CHROMIUM, packages: [clientPackages],
    extra: true,
  },
  examples: { title: 'The examples: usually 2½ minutes', run: exampleTests, engines: CHROMIUM, extra: true },
  engines: { title: 'Chromium, Firefox and WebKit', expand: inEachEngine, engines: Object.keys(ENGINES), extra: true },
  provider: {
    title: 'A real identity provider: usually 3 minutes', run: providerOrEndurance, engines: CHROMIUM, extra: true,
    inEachWhenLong: true,
  },
};

await asScript(import.meta.url, async (args) => {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const unknown = flags.filter((flag) => flag !== '--long');
  if (unknown.length > 0) throw new Explained(`Not known: ${unknown.join(' ')}. npm test -- [${Object.keys(STAGES).join(' | ')}] [word…] [--long]`);
  const words = args.filter((arg) => !(arg in STAGES) && !flags.includes(arg));
  const named = args.filter((arg) => arg in STAGES);
  const names = named.length > 0 ? named : Object.keys(STAGES).filter((name) => !STAGES[name].extra);
  const isLong = flags.includes('--long');
  await setup(needsOf(names.map((name) => STAGES[name]), words, isLong));
  const stages = names.map((name) => STAGES[name].expand?.(words) ?? { [name]: STAGES[name] });
  // The words that name an engine are not looked for in the names of tests.
  const filters = names.includes('engines') ? words.filter((word) => !(word in ENGINES) && word !== 'tabs') : words;
  return runStages(Object.assign({}, ...stages), filters, { isLong });
});

/** Returns the requirements of these stages, which the set-up has to find or fetch. */
function needsOf(stages, words, isLong) {
  const chosen = chosenEngines(words);
  return {
    wasm: stages.some(({ wasm = true }) => wasm),
    engines: [...new Set(stages.flatMap(({ engines = [], expand, inEachWhenLong }) => (
      expand || (isLong && inEachWhenLong) ? chosen : engines
    )))],
    packages: stages.flatMap(({ packages = [] }) => packages),
  };
}

function chosenEngines(words) {
  const named = words.filter((word) => word in ENGINES);
  return named.length > 0 ? named : Object.keys(ENGINES);
}

/** `--long`: the endurance alone, in each engine, or in those that are named. */
function providerOrEndurance(words, { isLong }) {
  if (!isLong) return providerTests(words);
  return providerTests(words.filter((word) => !(word in ENGINES)), { engines: chosenEngines(words), isLong });
}

/** The browser tests in each engine, then several tabs of each and the attacks; `tabs`: the tabs alone. */
function inEachEngine(words) {
  const engines = chosenEngines(words);
  const filters = words.filter((word) => !(word in ENGINES));
  const stages = Object.fromEntries((filters.includes('tabs') ? [] : engines).map((engine) => [engine, {
    title: `Browser tests in ${ENGINES[engine].title}`, run: (names) => browserTests(names, { engine }),
  }]));
  const tabs = { title: 'Several tabs', run: () => tabTests(engines) };
  const attack = { title: 'Hostile pages', run: (names, { isLong }) => attackTests(names, { engines, isLong }) };
  if (filters.length === 0) return { ...stages, tabs, attack };
  return filters.every((word) => word === 'tabs') ? { tabs } : stages;
}
