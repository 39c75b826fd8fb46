// The cost of a call that meets no 401.

import { candidates } from '../candidates/index.js';
import { check } from './check.js';
import { interleaved } from './rounds.js';
import { signIn, signInAtServer } from './tokens.js';
import { answering, recording } from './world.js';

export const URL = '/api/orders/17';
// Over HTTP each call has a URL of its own: the browser's cache lets calls with the same one wait for each other.
const STUBBED = () => URL;
export const REAL = (n) => `${URL}?n=${n}`;

const WAYS = {
  /** Each call after the one before it. */
  async sequential(client, calls, url) {
    for (let n = 0; n < calls; n += 1) await client.getJson(url(n));
  },
  /** All of them, then their answers. */
  async atOnce(client, calls, url) {
    await Promise.all(Array.from({ length: calls }, (_, n) => client.getJson(url(n))));
  },
};

/**
 * Microseconds for each call, by candidate and round. `real`: over HTTP, else with the stub. `only`: the names of the
 * candidates, as a profiler wants them.
 */
export async function calls({ way, calls: count, rounds, warmUp, real = false, only = null }) {
  if (real) await signInAtServer();
  else signIn();
  const url = real ? REAL : STUBBED;
  const fetch = real ? globalThis.fetch.bind(globalThis) : answering;
  const entrants = candidates.filter(({ name }) => !only || only.includes(name))
    .map(({ name, create }) => ({ name, client: create({ fetch, stubbed: !real }) }));
  for (const { client } of entrants) {
    for (let n = 0; n < warmUp; n += 1) await WAYS[way](client, count, url);
  }
  return interleaved(entrants, rounds, async ({ client }) => {
    const began = performance.now();
    await WAYS[way](client, count, url);
    return ((performance.now() - began) * 1000) / count;
  });
}

/** Fails unless each candidate that has duties sends the token, the others none, and all of them read the answer. */
export async function checkDuties() {
  for (const { name, create, duties = true } of candidates) {
    const { fetch, seen } = recording();
    const token = signIn();
    const answer = await create({ fetch, stubbed: true }).getJson(URL);
    check(answer?.title === 'Two lamps', `${name} did not return the JSON of the answer`);
    check(seen.length === 1, `${name} sent ${seen.length} calls in place of one`);
    check(seen[0] === (duties ? `Bearer ${token}` : null), `${name} sent the wrong token, or none`);
  }
}
