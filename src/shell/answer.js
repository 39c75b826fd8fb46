// Reads the answer to a call: the parsed body, with the response beside it.

import { HttpError } from './errors.js';

/** The ways to read a body, in axios's words. */
export const RESPONSE_TYPES = ['json', 'text', 'blob', 'arraybuffer', 'stream'];

/**
 * Reads the body of a response and parses it.
 *
 * @param {Response} response
 * @param {string} method
 * @param {unknown} url
 * @param {string | null} [responseType] how to read the body of a successful answer
 * @throws {HttpError} for a status outside 200–299, and for malformed JSON
 */
export async function readAnswer(response, method, url, responseType) {
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    // The body of an error seldom has the type that was asked for, and may be unreadable.
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
 * Begins a message with the method and path of a call. The query is left out: it may hold secrets.
 *
 * @param {string} method
 * @param {unknown} url
 * @param {string} message
 */
export function describeCall(method, url, message) {
  return `${method} ${String(url).split(/[?#]/)[0]} ${message}.`;
}

/**
 * Chooses how to read a body by its content type; undefined: as text, and an empty one as null.
 *
 * @param {Response} response
 * @param {string} method
 */
function typeOf({ headers, status }, method) {
  const type = headers.get('Content-Type')?.toLowerCase() ?? '';
  if (type.includes('json')) return 'json';
  // No body is null, and not an empty Blob.
  const isEmpty = status === 204 || status === 205 || status === 304 || method === 'HEAD';
  return isEmpty || !type || /text\/|xml|javascript|urlencoded/.test(type) ? undefined : 'blob';
}

/**
 * Reads a body. Of JSON that is malformed, it returns the text, and the error of the parser.
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
