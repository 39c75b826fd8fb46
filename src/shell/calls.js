// `api.get` and its siblings: the shape of axios over `fetch`.

import { withReason } from './abort.js';
import { describeCall, readAnswer, RESPONSE_TYPES } from './answer.js';
import { formOf, withParams } from './params.js';

/** @typedef {(url: any, init?: any) => Promise<Response>} Fetch */

/**
 * Makes the calls over a `fetch`.
 *
 * @param {Fetch} fetch
 * @returns {Record<string, (...args: any[]) => Promise<unknown>>}
 */
export function callsOver(fetch) {
  const calls = {
    async request(/** @type {unknown} */ config) {
      const { url, data, ...init } = settingsOf(config);
      if (url === undefined) throw new TypeError('request: `url` is missing.');
      const method = typeof init.method === 'string' ? init.method.toUpperCase() : 'GET';
      return call(fetch, method, url, init, data);
    },
  };
  for (const name of ['get', 'delete', 'head', 'options']) {
    const method = name.toUpperCase();
    Object.assign(calls, {
      [name]: (/** @type {unknown} */ url, /** @type {unknown} */ init) => (
        // The most common call takes the shortest way.
        name === 'get' && init === undefined ? readAnswer(fetch(url), method, url) : call(fetch, method, url, init)
      ),
    });
  }
  for (const name of ['post', 'put', 'patch']) {
    Object.assign(calls, {
      [name]: (/** @type {unknown} */ url, /** @type {unknown} */ body, /** @type {unknown} */ init) => (
        call(fetch, name.toUpperCase(), url, init, body)
      ),
    });
  }
  return calls;
}

/**
 * Copies the settings of a call, so that they can be changed.
 *
 * @param {any} init
 */
function settingsOf(init) {
  if (init !== undefined && typeof init !== 'object') throw new TypeError('The settings of a call must be an object.');
  return { ...init };
}

/**
 * @param {Fetch} fetch
 * @param {string} method
 * @param {unknown} url
 * @param {any} settings
 * @param {unknown} [body]
 */
async function call(fetch, method, url, settings, body) {
  const { params, responseType, ...init } = settingsOf(settings);
  const target = withParams(url, params);
  if (responseType !== undefined && responseType !== null && !RESPONSE_TYPES.includes(responseType)) {
    const types = "'json', 'text', 'blob', 'arraybuffer' and 'stream'";
    throw new TypeError(describeCall(method, url, `needs a \`responseType\` out of ${types}, or none`));
  }
  init.method = method;
  if (body !== undefined && body !== null) setBody(init, body, (problem) => describeCall(method, url, problem));
  return withReason(readAnswer(fetch(target, init), method, target, responseType), init.signal);
}

/** The tags of bodies that `fetch` can send. A tag is the same whichever realm made the object. */
const SENDABLE = /^\[object (String|FormData|Blob|File|URLSearchParams|ArrayBuffer|ReadableStream)\]$/;

/**
 * @param {any} init
 * @param {any} body
 * @param {(problem: string) => string} describe
 */
function setBody(init, body, describe) {
  const headers = new Headers(init.headers);
  const type = headers.get('Content-Type')?.toLowerCase() ?? '';
  const tag = Object.prototype.toString.call(body);
  if (SENDABLE.test(tag) || ArrayBuffer.isView(body)) {
    init.body = body;
    // No server can read a form without its boundary, and `fetch` adds one only if there is no Content-Type.
    if (tag === '[object FormData]' && !type.includes('boundary=')) {
      headers.delete('Content-Type');
      init.headers = headers;
    }
  } else if (type.includes('multipart/')) {
    throw new TypeError(describe('needs a FormData as its body, since its Content-Type is multipart'));
  } else if (type.includes('urlencoded')) {
    init.body = formOf(body);
  } else {
    init.body = JSON.stringify(body);
    if (!type) {
      headers.set('Content-Type', 'application/json');
      init.headers = headers;
    }
  }
}
