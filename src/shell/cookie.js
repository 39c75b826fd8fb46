// The cookies that scripts may read.

/** @import { Settings } from './types.js' */

/**
 * What the cookie holds, if anything. Workers have none, and a sandboxed frame throws where it is asked for them.
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
 * Servers escape what a cookie cannot hold (RFC 6265 §4.1.1 leaves it to them how).
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
 * The double submit of a cookie: its value goes in a header as well, which a page of another site cannot do. It takes
 * the place of what is there, since a refresh may have changed it after the attempt before.
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
    // A value that cannot stand in a header is not sent: the server says so best.
  }
}
