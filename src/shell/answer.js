// Reads the answer to a call: the parsed body, with the response beside it.

import { HttpError } from './errors.js';

/** The ways to read a body, in axios's words. */
export const RESPONSE_TYPES = ['json', 'text', 'blob', 'arraybuffer', 'stream'];

/**
 * Reads the body of a response and parses it.
 *
 * @param {Promise<Response>} answer
 * @param {string} method
 * @param {unknown} url
 * @param {string | null} [responseType] how to read the body of a successful answer
 * @throws {HttpError} for a status outside 200–299, and for malformed JSON
 */
export async function readAnswer(answer, method, url, responseType) {
  const response = await answer;
  const { status, headers } = response;
  const isSuccess = status >= 200 && status <= 299;
  // The body of an error seldom has the type that was asked for, and may be unreadable.
  const type = (isSuccess ? responseType : undefined) ?? typeOf(response, method);
  let body = null;
  try {
    body = await bodyOf(response, type);
  } catch (error) {
    if (isSuccess) throw error;
  }
  const [data, cause] = typeof body === 'string' ? parsed(body, type) : [body];
  if (isSuccess && !cause) return { data, status, headers, response };
  const problem = isSuccess ? 'answered with a body that is not the JSON that it should be' : `answered ${status}`;
  throw new HttpError(describeCall(method, url, problem), { status, data, response, ...(isSuccess && { cause }) });
}

/**
 * Begins a message with the method and path of a call. The query is left out: it may hold secrets.
 *
 * @param {string} method
 * @param {unknown} url
 * @param {string} message
 */
export function describeCall(method, url, message) {
  return `${method} ${String(Object(url).url ?? url).split(/[?#]/)[0]} ${message}.`;
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
 * @param {Response} response
 * @param {string | undefined} type
 */
function bodyOf(response, type) {
  switch (type) {
    case 'stream': return response.body;
    case 'blob': return response.blob();
    case 'arraybuffer': return response.arrayBuffer();
    default: return response.text();
  }
}

/**
 * Parses the text of a body. Malformed JSON stays text, and the error of the parser is returned beside it.
 *
 * @param {string} text
 * @param {string | undefined} type
 * @returns {[data: unknown, cause?: unknown]}
 */
function parsed(text, type) {
  if (type === 'text') return [text];
  if (!text) return [null];
  if (type !== 'json') return [text];
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    return [text, cause];
  }
}
