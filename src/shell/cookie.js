// The cookies that scripts may read.

/** @import { Settings } from './types.js' */

/**
 * Reads a cookie. Workers have none, and in a sandboxed frame reading them throws.
 *
 * @param {string} name
 */
export function cookie(name) {
  const start = `${name}=`;
  try {
    const cookies = globalThis.document?.cookie?.split(';').map((pair) => pair.trimStart());
    const value = cookies?.find((pair) => pair.startsWith(start) && pair !== start)?.slice(start.length);
    return value && unescaped(value);
  } catch {
    return undefined;
  }
}

/**
 * Decodes a value. Servers escape the characters that a cookie cannot hold (RFC 6265 §4.1.1 leaves it to them how).
 *
 * @param {string} value
 */
function unescaped(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/**
 * Repeats a cookie in a header, which a page of another site cannot do ("double submit"). It replaces the value of the
 * previous attempt, since a refresh may have changed the cookie.
 *
 * @param {Headers} headers
 * @param {Settings} settings
 */
export function attachXsrf(headers, { xsrfCookieName, xsrfHeaderName }) {
  const value = xsrfCookieName && cookie(xsrfCookieName);
  if (!value) return;
  try {
    headers.set(xsrfHeaderName, value);
  } catch {
    // A value that is not valid in a header is not sent; the server then refuses the request with its own message.
  }
}
