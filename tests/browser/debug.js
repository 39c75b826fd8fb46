// The messages of `debug: true` (rule 6.3), and that they tell no secrets (rule 6.2).

import { check, equal } from './expect.js';
import { during, pause } from './support.js';

/** The lines that are logged while `act` runs. */
async function linesOf(act) {
  const lines = [];
  const value = (...words) => lines.push(words);
  await during(console, 'debug', { value, writable: true }, act);
  return lines;
}

async function story(session) {
  const { api, expire, faults, revoke } = session;
  await expire();
  await faults({ status: 503 }, { delay: 200 });
  const waiters = ['one', 'two'].map((body) => api.fetch('/test/echo', { method: 'POST', body }));
  await pause(100);
  await Promise.all([...waiters, api.fetch('/test/echo')]);
  await revoke();
  await api.fetch('/test/echo').catch(() => {});
  await api.fetch('/test/echo').catch(() => {});
  await pause(20);
}

export async function each_decision_is_one_line({ signIn }) {
  const session = await signIn({ debug: true, retryDelay: 5 });
  const tokens = new Set(Object.values(session.stored()));
  session.api.on('tokenRefreshed', () => Object.values(session.stored()).forEach((token) => tokens.add(token)));
  const lines = await linesOf(() => story(session));
  check(lines.every((words) => words.length === 1 && typeof words[0] === 'string'), 'each is one string');
  const text = lines.flat().join('\n');
  check(lines.flat().every((line) => line.startsWith('tokenflight: ') && !line.includes('\n')), text);
  const expected = [
    /POST .*\/test\/echo: got a 401: the token is refreshed/,
    /the refresh: starts/,
    /the refresh: asks the token server/,
    /next try in \d+ ms: the token server failed/,
    /GET .*\/test\/echo: waits for the refresh/,
    /GET .*\/test\/echo: goes on after \d+ ms/,
    /the refresh, after \d+ ms: renewed/,
    /POST .*\/test\/echo: is sent again/,
    /the refresh, after \d+ ms: signed out/,
    /GET .*: got a 401, and the session is over/,
  ];
  for (const pattern of expected) check(pattern.test(text), `${pattern} is not in\n${text}`);
  equal(tokens.size >= 4, true, 'tokens that are known');
  for (const token of tokens) {
    for (const part of [token, ...token.split('.')].filter(({ length }) => length > 8)) {
      check(!text.includes(part), 'part of a token is in the log');
    }
  }
}

export async function a_token_in_a_url_is_not_logged({ signIn }) {
  const { api, expire } = await signIn({ debug: true });
  await expire();
  const lines = await linesOf(() => api.fetch('/test/echo?access_token=in-the-query#in-the-fragment'));
  check(lines.length > 0, 'there are lines');
  check(!lines.flat().join().includes('in-the-'), lines.flat().join('\n'));
}

export async function without_the_option_nothing_is_logged({ signIn }) {
  const session = await signIn({ retryDelay: 5 });
  equal(await linesOf(() => story(session)), [], 'the lines');
}
