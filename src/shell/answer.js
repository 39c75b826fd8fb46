// What a call resolves to: the parsed body, with the response beside it.

import { HttpError } from './errors.js';

/** What a body can be asked to be read as, in axios's words. */
export const RESPONSE_TYPES = ['json', 'text', 'blob', 'arraybuffer', 'stream'];

/**
 * Reads the answer to a call.
 *
 * @param {Response} response
 * @param {string} method
 * @param {unknown} url
 * @param {string | null} [responseType] what the body of a successful answer is to be read as
 * @throws {HttpError} for a status outside 200–299, and for JSON that is none
 */
export async function readAnswer(response, method, url, responseType) {
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    // An error's page is seldom what was asked for, and of one that cannot be read nothing is known.
    const [data] = await readBody(response, typeOf(response, method)).catch(() => [null]);
    throw new HttpError(describeCall(method, url, `answered ${status}`), { status, data, response });
  }
  const [data, cause] = await readBody(response, responseType ?? typeOf(response, method));
  if (cause) {
    const message = describeCall(method, url, 'answered with a body that is not the JSON that it should be');
    throw new HttpError(message, { status, data, response, cause });
  }
  return { data, status, headers, response };
}

/**
 * Method and path of a call, and what there is to say of it. The query is left out: it may hold secrets.
 *
 * @param {string} method
 * @param {unknown} url
 * @param {string} message
 */
export function describeCall(method, url, message) {
  return `${method} ${String(url).split(/[?#]/)[0]} ${message}.`;
}

/**
 * What a content type asks for; undefined: text, or nothing.
 *
 * @param {Response} response
 * @param {string} method
 */
function typeOf({ headers, status }, method) {
  const type = headers.get('Content-Type')?.toLowerCase() ?? '';
  if (type.includes('json')) return 'json';
  // Nothing is nothing, and no empty Blob.
  const isEmpty = status === 204 || status === 205 || status === 304 || method === 'HEAD';
  return isEmpty || !type || /text\/|xml|javascript|urlencoded/.test(type) ? undefined : 'blob';
}

/**
 * What a body holds; of JSON that is none, its text, and what is wrong with it.
 *
 * @param {Response} response
 * @param {string | undefined} type
 * @returns {Promise<[data: unknown, cause?: unknown]>}
 */
async function readBody(response, type) {
  if (type === 'stream') return [response.body];
  if (type === 'blob') return [await response.blob()];
  if (type === 'arraybuffer') return [await response.arrayBuffer()];
  const text = await response.text();
  if (type === 'text') return [text];
  if (!text) return [null];
  if (type !== 'json') return [text];
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    return [text, cause];
  }
}
