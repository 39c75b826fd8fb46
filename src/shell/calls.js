// `api.get` and its siblings: the shape of axios over `fetch`.

import { withReason } from './abort.js';
import { describeCall, readAnswer, RESPONSE_TYPES } from './answer.js';
import { requireKnown } from './options.js';
import { formOf, withParams } from './params.js';
import { ACCEPT, ASKING, INIT_MEMBERS, membersOf } from './request.js';

/** @typedef {(url: any, init?: any) => Promise<Response>} Fetch */

/** The settings of a call: those of `fetch`, on any platform, and ours. */
const CALL_MEMBERS = [
  ...INIT_MEMBERS, 'data', 'params', 'responseType', 'url', 'agent', 'attributionReporting', 'browsingTopics', 'cf', 'client',
  'dispatcher', 'next', 'privateToken', 'proxy', 'reactNative', 'sharedStorageWritable', 'targetAddressSpace', 'tls',
];

/**
 * Makes the calls over a `fetch`.
 *
 * @param {Fetch} fetch
 * @param {Headers | undefined} defaults what `fetch` adds where a call has none
 * @returns {Record<string, (...args: any[]) => Promise<unknown>>}
 */
export function callsOver(fetch, defaults) {
  // Asked for a page, many servers answer an expired session with their login page, and 200.
  const asking = defaults?.has('Accept') ? undefined : ASKING;
  const calls = {
    async request(/** @type {unknown} */ config) {
      const { url, ...init } = settingsOf('request', config);
      if (url === undefined) throw new TypeError('request: `url` is missing.');
      const method = typeof init.method === 'string' ? init.method.toUpperCase() : 'GET';
      return call(fetch, asking, method, url, init);
    },
  };
  for (const name of ['get', 'delete', 'head', 'options']) {
    const method = name.toUpperCase();
    Object.assign(calls, {
      [name]: (/** @type {unknown} */ url, /** @type {unknown} */ init) => (
        // The most common call takes the shortest way.
        name === 'get' && init === undefined && typeof url === 'string' ? readAnswer(fetch(url, asking), method, url)
          : call(fetch, asking, method, url, init)
      ),
    });
  }
  for (const name of ['post', 'put', 'patch']) {
    Object.assign(calls, {
      [name]: (/** @type {unknown} */ url, /** @type {unknown} */ body, /** @type {unknown} */ init) => (
        call(fetch, asking, name.toUpperCase(), url, init, body)
      ),
    });
  }
  return calls;
}

/**
 * @param {Fetch} fetch
 * @param {typeof ASKING | undefined} asking
 * @param {string} method
 * @param {unknown} url
 * @param {unknown} settings
 * @param {unknown} [body]
 */
async function call(fetch, asking, method, url, settings, body) {
  const { params, responseType, data, ...init } = settingsOf(method.toLowerCase(), settings);
  const target = withParams(url, params);
  const describe = (/** @type {string} */ problem) => describeCall(method, url, problem);
  if (responseType !== undefined && responseType !== null && !RESPONSE_TYPES.includes(responseType)) {
    const types = "'json', 'text', 'blob', 'arraybuffer' and 'stream'";
    throw new TypeError(describe(`needs a \`responseType\` out of ${types}, or none`));
  }
  init.method = method;
  // A Request loses its own headers to those of an init.
  const headers = new Headers(init.headers === undefined ? Object(url).headers : init.headers);
  if (asking && !headers.has('Accept')) headers.set('Accept', ACCEPT.Accept);
  const content = body ?? data;
  if (content !== undefined && content !== null) setBody(init, headers, content, describe);
  init.headers = headers;
  return withReason(readAnswer(fetch(target, init), method, target, responseType), init.signal);
}

/**
 * Reads the settings of a call as `fetch` reads an init: inherited ones too, each once.
 *
 * @param {string} who
 * @param {any} init
 * @throws {TypeError} names a setting that is not known
 */
function settingsOf(who, init) {
  if (init !== undefined && typeof init !== 'object') throw new TypeError('The settings of a call must be an object.');
  if (!init) return {};
  requireKnown(Object.keys(init), CALL_MEMBERS, `${who}: unknown setting`);
  return membersOf(init, CALL_MEMBERS);
}

/** The tags of bodies that `fetch` can send. A tag is the same whichever realm made the object. */
const SENDABLE = /^\[object (String|FormData|Blob|File|URLSearchParams|ArrayBuffer|ReadableStream)\]$/;

/**
 * @param {any} init
 * @param {Headers} headers
 * @param {any} body
 * @param {(problem: string) => string} describe
 */
function setBody(init, headers, body, describe) {
  const type = headers.get('Content-Type')?.toLowerCase() ?? '';
  const tag = Object.prototype.toString.call(body);
  if (SENDABLE.test(tag) || ArrayBuffer.isView(body)) {
    init.body = body;
    // No server can read a form without its boundary, and `fetch` adds one only if there is no Content-Type.
    if (tag === '[object FormData]' && !type.includes('boundary=')) headers.delete('Content-Type');
  } else if (type.includes('multipart/')) {
    throw new TypeError(describe('needs a FormData as its body, since its Content-Type is multipart'));
  } else if (type.includes('urlencoded')) {
    init.body = formOf(body);
  } else {
    init.body = JSON.stringify(body);
    if (!type) headers.set('Content-Type', 'application/json');
  }
}
