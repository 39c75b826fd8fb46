// Everything that building, testing and starting need: found, or fetched once. A run that finds all of it
// takes a fraction of a second, so that every other script can begin with it.

import { delimiter, join } from 'node:path';
import { asScript } from './children.mjs';
import { root } from './places.mjs';
import { node, rust } from './setup/basics.mjs';
import { wasmBindgen, wasmPack } from './setup/cargo-tools.mjs';
import { ENGINES } from './setup/engines.mjs';
import { npmPackages } from './setup/npm.mjs';
import { stdSource } from './setup/std-source.mjs';
import { wasmTarget } from './setup/wasm-target.mjs';

/** Finds or fetches what is asked for; says in one line for each step what it found or does. */
export async function setup(needs = {}) {
  const { wasm = true, engines = [], packages = [] } = needs;
  const steps = [node, rust, npmPackages, ...packages];
  if (wasm) steps.push(wasmTarget, stdSource, wasmPack, wasmBindgen);
  steps.push(...engines.flatMap((name) => ENGINES[name].steps));
  console.log('Set-up');
  for (const step of steps) {
    const say = (text) => console.log(`  ${step.name.padEnd(21)} ${text}`);
    const found = step.found();
    if (found) {
      say(found);
      continue;
    }
    say('missing');
    await step.install();
    if (step.found()) continue;
    if (!step.without) throw new Error(`${step.name} was installed but is not found`);
    say(step.without);
  }
}

let env;

/** The environment for builds to WebAssembly. Call it after {@link setup}. */
export function wasmEnv() {
  env ??= {
    ...process.env,
    PATH: [
      ...[wasmTarget, wasmPack, wasmBindgen].map((step) => step.bin()).filter(Boolean),
      join(root, 'node_modules', '.bin'), // wasm-opt, for wasm-pack
      process.env.PATH,
    ].join(delimiter),
    // A folder of its own: these builds may use another compiler than the native ones, and two compilers
    // in one folder make each other's results stale.
    CARGO_TARGET_DIR: join(root, 'target', 'wasm'),
  };
  return env;
}

await asScript(import.meta.url, () => setup({ engines: ['chromium'] }));
