// Draws cases and tries each; the page tells what the first bad one is, as small as it can be made.

import fc from 'fast-check';

import { createApi } from '/tokenflight/index.js';

import { answers } from './answers.js';
import { args } from './arguments.js';
import { faults } from './faults.js';
import { thousands } from './thousands.js';
import { urls } from './urls.js';

const SUITES = { urls, arguments: args, answers, faults };

/**
 * Tries `runs` cases of a suite. With `path`, the one that failed there.
 *
 * @returns {Promise<{ runs: number, facts: object, failure?: string, seed: number, path?: string }>}
 */
async function attack({ suite, ports, seed, runs, path }) {
  const { property, facts } = await SUITES[suite]({ own: location.origin, ports });
  const result = await fc.check(property, { seed, numRuns: runs, path, endOnFailure: Boolean(path), interruptAfterTimeLimit: 240_000 });
  const { failed, counterexample, counterexamplePath, errorInstance, numRuns } = result;
  const failure = failed ? `${fc.stringify(counterexample)}\n${errorInstance}\n${errorInstance?.stack}` : undefined;
  return { runs: numRuns, facts: await facts(), failure, seed, path: counterexamplePath ?? undefined };
}

window.tasks = { attack, thousands: (name) => thousands(createApi, name) };
