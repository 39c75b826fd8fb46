// The environment of a scenario: `createApi`, the error classes, and sessions of its own on the real server.

// The shell, as wasm-bindgen hands it out: the classes of another copy would be other classes.
import {
  HttpError, RefreshUnavailableError, SessionChangedError, SignInRequiredError, UnsupportedRuntimeError,
} from '../../inline0.js';

const errors = {
  HttpError, RefreshUnavailableError, SessionChangedError, SignInRequiredError, UnsupportedRuntimeError,
};

const LIMIT = 60_000;

const load = (subject) => import(new URL(`/tests/browser/${subject}.js`, location.origin));

/** Runs one scenario; rejects with what is to be printed. */
export async function runScenario(subject, name, createApi, server) {
  localStorage.clear();
  sessionStorage.clear();
  try {
    const { [name]: scenario } = await load(subject);
    await ask(`${server}/api/sign-out`, {}); // takes the cookies away
    const { other } = await ask(`${server}/api/test/info`);
    const signIn = (options, how) => signInAs(createApi, server, options, how);
    await atMost(LIMIT, scenario({ createApi, server, other, signIn, ...errors }));
  } catch (error) {
    throw error instanceof Error ? withStack(error) : `rejected with ${JSON.stringify(error) ?? error}`;
  }
}

/** Only Chromium's stacks begin with the message. */
function withStack(error) {
  const stack = error.stack ?? '';
  return stack.includes(error.message) ? stack : `${error}\n${stack}`;
}

/** Limits the time of a scenario: one that hangs fails by itself, and does not take all others with it. */
async function atMost(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario has not ended after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The scenarios of a module that are not among `names`, as a list. */
export async function findScenariosBut(subject, names) {
  return Object.keys(await load(subject)).filter((name) => !names.includes(name)).join(', ');
}

/**
 * Signs in, puts the tokens into `localStorage` as app code would, and creates an api for them. Each session
 * has storage keys of its own, so that scenarios know nothing of each other.
 */
async function signInAs(createApi, server, options = {}, { user = 'ada', style = 'body', ttl = 600, xsrf = false } = {}) {
  const how = { user, password: user, style, ttl, xsrf };
  const { sid, accessToken, refreshToken } = await ask(`${server}/api/sign-in`, how);
  const keys = { accessTokenKey: `access ${sid}`, refreshTokenKey: `refresh ${sid}` };
  const signedOut = [];
  const onSignedOut = (event) => signedOut.push(event);
  const create = (more) => createApi({ baseURL: `${server}/api`, ...keys, onSignedOut, ...options, ...more });
  const put = (key, token) => (token ? localStorage.setItem(key, token) : localStorage.removeItem(key));
  const store = (access, refresh) => {
    put(keys.refreshTokenKey, refresh);
    put(keys.accessTokenKey, access);
  };
  store(accessToken, refreshToken);
  const api = create();
  const events = [];
  for (const type of ['tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged']) {
    api.on(type, (event) => events.push(event));
  }
  const stats = () => ask(`${server}/api/test/stats?sid=${sid}`);
  return {
    api,
    /** Another api for the same session. */
    create,
    sid,
    accessToken,
    refreshToken,
    keys,
    store,
    /** Returns the storage's content. */
    stored: () => ({
      access: localStorage.getItem(keys.accessTokenKey),
      refresh: localStorage.getItem(keys.refreshTokenKey),
    }),
    /** The arguments of each call of `onSignedOut`, and all events. */
    signedOut,
    events,
    heard: () => events.map(({ type }) => type),
    /** The server's records. */
    stats,
    attempts: async () => (await stats()).attempts,
    /** From now on the server refuses the access tokens that it has issued. */
    expire: () => ask(`${server}/api/test/expire`, { sid }),
    revoke: () => ask(`${server}/api/demo/revoke`, { sid }),
    /** Sets the faults of the next refreshes, one each. */
    faults: (...faults) => ask(`${server}/api/test/faults`, { sid, faults }),
  };
}

/** The server, past the api. */
async function ask(url, body) {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await nativeFetch(url, { credentials: 'include', ...(body && init) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

// Kept, because scenarios replace the global one.
const nativeFetch = globalThis.fetch;
