// The same arguments end in the same way with the platform's fetch and with ours (rules 2.6 and 2.9). The cases are those of
// tests/conformance, which Node runs as well.

import * as tables from '../conformance/cases.js';
import { compare } from '../conformance/compare.js';
import { equal } from './expect.js';

/** Ours in four ways: short, with a timer, as a `Request`, and with a `fetch` of its own. */
const waysOf = ({ createApi, keys, server }) => Object.fromEntries(Object.entries({
  plain: {}, 'with a timeout': { timeout: 60_000 }, 'with hooks': { hooks: { onRequest() {} } },
  'with a fetch of its own': { fetch: (...args) => fetch(...args), hooks: { onResponse() {} } },
}).map(([name, options]) => [name, createApi({ ...keys, allowedOrigins: [server, 'http://127.0.0.1:1'], ...options }).fetch]));

async function run({ signIn, createApi, server }, ...subjects) {
  const { keys, accessToken: token } = await signIn();
  const chosen = Object.fromEntries(subjects.map((subject) => [subject, tables[subject]]));
  const { differences } = await compare(chosen, { server, token, ways: waysOf({ createApi, keys, server }) });
  equal(differences.map((text) => `\n${text}`).join('').slice(0, 6000), '', 'differences');
}

export const urls_of_all_kinds = (world) => run(world, 'urls', 'wrongUrls');
export const methods_of_all_kinds = (world) => run(world, 'methods', 'wrongMethods');
export const bodies_of_all_kinds = (world) => run(world, 'bodies', 'wrongBodies');
export const headers_of_all_kinds = (world) => run(world, 'headers', 'wrongHeaders');
export const inits_of_all_kinds = (world) => run(world, 'inits', 'wrongInits');
export const members_of_all_kinds = (world) => run(world, 'members', 'wrongMembers');
export const requests_of_all_kinds = (world) => run(world, 'requests');
export const aborts_at_all_times = (world) => run(world, 'aborts');
export const wrong_arguments_come_before_an_abort = (world) => run(world, 'wrongBeforeAborted');
export const redirects_and_answers_of_all_kinds = (world) => run(world, 'redirects', 'answers');

export async function each_table_is_run() {
  const source = await (await fetch('/tests/browser/conformance.js')).text();
  equal(Object.keys(tables).filter((subject) => !source.includes(`'${subject}'`)), [], 'tables that are forgotten');
}
