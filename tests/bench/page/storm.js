// Many calls on one expired token.

import { candidates } from '../candidates/index.js';
import { refresh } from '../candidates/tokens.js';
import { REAL as urlOf } from './calls.js';
import { interleaved } from './rounds.js';
import { signIn, signInAtServer } from './tokens.js';
import { expired } from './world.js';

const BARE = 'bare limit';
const patienceFor = (waiters) => 20_000 + waiters; // ms: a machine that does other work as well takes a while

/** The lower bound: all calls, one refresh, all calls once more, scheduled with perfect foresight. */
const bareLimit = (fetch) => ({
  async storm(waiters) {
    await Promise.all(Array.from({ length: waiters }, (_, n) => fetch(urlOf(n), signed())));
    await refresh(fetch);
    return settle(waiters, (n) => answer(fetch, n));
  },
});

/** Resolves with how many got their answer, when all calls have settled, or when one has not for too long. */
async function settle(waiters, call) {
  let answered = 0;
  const count = (data) => { answered += data?.title ? 1 : 0; };
  const all = Array.from({ length: waiters }, (_, n) => call(n).then(count));
  let timer;
  const patience = new Promise((resolve) => { timer = setTimeout(resolve, patienceFor(waiters)); });
  await Promise.race([Promise.allSettled(all), patience]);
  clearTimeout(timer);
  return answered;
}

const answer = async (fetch, n) => (await fetch(urlOf(n), signed())).json();

const signed = () => ({ headers: { Authorization: `Bearer ${localStorage.getItem('accessToken')}` } });

const many = (client) => ({
  storm: (waiters) => settle(waiters, (n) => client.getJson(urlOf(n))),
});

/**
 * Milliseconds until all have their answers, by candidate and round, and how many refreshes and calls without their
 * answer there were at most.
 * `only`: the names of the candidates; all that have duties, without it.
 */
export async function storm({ waiters, rounds, real = false, only = null }) {
  const chosen = candidates.filter(({ name, duties = true }) => duties && (!only || only.includes(name)));
  const entrants = [
    { name: BARE, create: bareLimit },
    ...chosen.map(({ name, create }) => ({ name, create: (fetch) => many(create({ fetch, stubbed: !real })) })),
  ];
  const refreshes = {};
  const lost = {};
  const meet = async ({ name, create }) => {
    const { fetch, count } = real ? await serverWithExpiredToken() : stubWithExpiredToken();
    const { storm: go } = create(fetch);
    const began = performance.now();
    const answered = await go(waiters);
    const took = performance.now() - began;
    const most = (counts, n) => { counts[name] = Math.max(counts[name] ?? 0, n); };
    most(refreshes, await count());
    most(lost, waiters - answered);
    return took;
  };
  for (const entrant of entrants) await meet(entrant); // once to warm up
  return { values: await interleaved(entrants, rounds, meet), refreshes, lost };
}

function stubWithExpiredToken() {
  signIn();
  const { fetch, counts } = expired();
  return { fetch, count: async () => counts.refreshes };
}

async function serverWithExpiredToken() {
  await signInAtServer();
  await fetch('/expire', { method: 'POST' });
  return {
    fetch: fetch.bind(globalThis),
    count: async () => (await (await fetch('/counts')).json()).refreshes,
  };
}
