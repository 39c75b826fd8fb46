// The `fetch` that stands in for the network. It makes a response of its own for each call, as the network would.

import { mint } from './tokens.js';

const ANSWER = JSON.stringify({ id: 17, title: 'Two lamps', total: 129.5, paid: true, items: [4, 8, 15] });
const JSON_TYPE = { headers: { 'Content-Type': 'application/json' } };
const UNAUTHORIZED = { status: 401, ...JSON_TYPE };

/** Answers every call at once, and looks at none: what is timed is the candidate. */
export const answering = () => Promise.resolve(new Response(ANSWER, JSON_TYPE));

const urlOf = (input) => (typeof input === 'string' ? input : input.url ?? String(input));

/** Returns the `Authorization` of a call, however it was handed over. */
export function authorizationOf(input, init) {
  if (init?.headers) return new Headers(init.headers).get('Authorization');
  return input instanceof Request ? input.headers.get('Authorization') : null;
}

/** Answers as `answering` does, and keeps what the calls were signed with. */
export function recording() {
  const seen = [];
  const fetch = (input, init) => {
    seen.push(authorizationOf(input, init));
    return answering();
  };
  return { fetch, seen };
}

/**
 * A server whose token has expired: 401 until there was a refresh. That one takes until no further 401 is given, so
 * that all calls of a storm wait for it.
 */
export function expired() {
  const counts = { refreshes: 0, refused: 0, answered: 0 };
  let isFresh = false;
  const fetch = (input) => {
    if (urlOf(input).endsWith('/refresh-token')) return refresh();
    if (isFresh) {
      counts.answered += 1;
      return answering();
    }
    counts.refused += 1;
    return Promise.resolve(new Response('{"error":"token_expired"}', UNAUTHORIZED));
  };
  async function refresh() {
    counts.refreshes += 1;
    await untilStill(() => counts.refused);
    isFresh = true;
    return new Response(JSON.stringify({ accessToken: mint(), refreshToken: mint() }), JSON_TYPE);
  }
  return { fetch, counts };
}

/** Resolves when `count` has stood still for some turns of the event loop. */
async function untilStill(count) {
  for (let still = 0, last = count(); still < 3; last = count()) {
    await turn();
    still = count() === last ? still + 1 : 0;
  }
}

// setTimeout is held up to 4 ms when it is nested; a message is not.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();
const turn = () => new Promise((resolve) => {
  waiting.push(resolve);
  channel.port2.postMessage(null);
});
