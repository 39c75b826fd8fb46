// Runs each case with the platform's `fetch` and with ours, and compares all that a caller can see.

const TOKEN_HEADERS = /^(authorization|connection)$/;

/** Leaves out what differs with a form's boundary, which is another one each time: the server tells the length without it. */
function withoutBoundary({ ...headers }) {
  if (headers['content-length']) headers['content-length'] = 'as the body';
  if (/boundary=/.test(headers['content-type'])) headers['content-type'] = 'a form';
  return headers;
}

function bodyFacts(text) {
  try {
    const echo = JSON.parse(text);
    if (!echo.headers) return text;
    // Chromium sends them in an order of its own.
    const headers = Object.fromEntries(Object.entries(echo.headers).filter(([name]) => !TOKEN_HEADERS.test(name)).sort());
    return { ...echo, headers: withoutBoundary(headers) };
  } catch {
    return text;
  }
}

const errorFacts = (error) => (
  Object(error) === error ? `${error.name} (${error.constructor?.name})` : `${typeof error} ${String(error)}`
);

async function responseFacts(response) {
  const { status, statusText, ok, type, url, redirected, bodyUsed } = response;
  const headers = [...response.headers].filter(([name]) => !/^(date|content-length)$/.test(name));
  const isNative = Object.getPrototypeOf(response) === Response.prototype && Object.keys(response).length === 0;
  const body = await response.text().then(bodyFacts, errorFacts);
  return { status, statusText, ok, type, url, redirected, bodyUsed, headers, isNative, body, isRead: response.bodyUsed };
}

/** To a fetch of another library a body may go as a stream, whose length nobody knows. */
function withoutLength(facts) {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = facts.result?.body?.headers ?? {};
  return facts.result?.body?.headers ? { ...facts, result: { ...facts.result, body: { ...facts.result.body, headers } } } : facts;
}

/** Returns the state of the caller's own objects. */
const argumentFacts = ([input, init]) => {
  try {
    return [input instanceof Request && input.bodyUsed, init?.body instanceof ReadableStream && init.body.locked];
  } catch {
    return 'unreadable';
  }
};

/** All that a caller sees of one call. */
async function outcome(send, args) {
  let promise;
  try {
    promise = send(...args);
  } catch (error) {
    return { threw: errorFacts(error) };
  }
  const used = argumentFacts(args);
  const isPromise = Object.getPrototypeOf(promise) === Promise.prototype;
  const [{ value, reason, status }] = await Promise.allSettled([promise]);
  const result = status === 'fulfilled' ? await responseFacts(value) : errorFacts(reason);
  return { isPromise, used, result };
}

/** WebKit forgets the reason of an abort once the request is sent; ours gives it in every engine (rule 2.7). */
const withReason = (send) => (...args) => {
  const signal = args[1]?.signal ?? args[0]?.signal;
  return send(...args).catch((error) => { throw signal?.aborted && error?.name === 'AbortError' ? signal.reason : error; });
};

/**
 * Compares tables of cases.
 *
 * @param {Record<string, Record<string, (at: any) => unknown[]>>} tables
 * @param {{ server: string, token: string, ways: Record<string, typeof fetch>, native?: typeof fetch }} world
 * @returns {Promise<{ count: number, differences: string[] }>} a case counts once, in however many ways it is run
 */
export async function compare(tables, { server, token, ways, native = fetch }) {
  const at = { api: `${server}/api`, open: `${server}/api/test/open`, signed: (init) => init };
  const nativeAt = { ...at, signed: (init = {}) => ({ ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }) };
  // Engines take more from the clone of a Request than from arguments: Firefox any body for a keepalive, WebKit a stream.
  const sendClone = async (...args) => native(new Request(...args).clone());
  const differences = [];
  let count = 0;
  for (const [subject, table] of Object.entries(tables)) {
    for (const [name, make] of Object.entries(table)) {
      count += 1;
      const expected = await outcome(subject === 'aborts' ? withReason(native) : native, make(nativeAt));
      for (const [way, send] of Object.entries(ways)) {
        const show = (facts) => JSON.stringify(way.endsWith('of its own') ? withoutLength(facts) : facts);
        const came = await outcome(send, make(at));
        if (show(came) === show(expected)) continue;
        const { result } = await outcome(sendClone, make(nativeAt));
        if (show({ ...came, result }) === show(came)) continue;
        differences.push(`${subject}, ${name}, ${way}:\n  ours  ${show(came)}\n  fetch ${show(expected)}`);
      }
    }
  }
  return { count, differences };
}
