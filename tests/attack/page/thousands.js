// Wrong things, each done so often that whatever it left behind would show: of the module's 1,024 slots for objects, one
// for each exception would be used up. Runs in pages and in Node.

import { called, checkErrors, inTime, ownStorage, settled } from './kit.js';

const TIMES = 1200;
const throws = () => { throw new Error('thrown'); };
const throwing = () => new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws });

/** Replaces members of objects while `act` runs. */
async function pretending(members, act) {
  const before = members.map(([target, name]) => Object.getOwnPropertyDescriptor(target, name));
  try {
    for (const [target, name, descriptor] of members) Object.defineProperty(target, name, { configurable: true, ...descriptor });
    return await act();
  } finally {
    members.forEach(([target, name], n) => {
      if (before[n]) Object.defineProperty(target, name, before[n]);
      else delete target[name];
    });
  }
}

/** A token server and an api, as a `fetch`: a token is good for so many answers. */
function server(most = 5) {
  let number = 0;
  let left = 0;
  return async (input, init) => {
    if (String(input?.url ?? input).includes('/refresh-token')) {
      left = most;
      number += 1;
      return Response.json({ accessToken: `good${number}`, refreshToken: `next${number}` });
    }
    const headers = input?.headers?.get ? input.headers : new Headers(init?.headers);
    if (headers.get('Authorization') !== `Bearer good${number}` || left <= 0) return new Response(null, { status: 401 });
    left -= 1;
    return new Response('{}', { headers: { 'Content-Type': 'application/json' } });
  };
}

const base = { baseURL: 'https://api.example', onSignedOut() {}, refreshTimeout: 2000, retryDelay: 0, refreshRetries: 0, coolDown: 0 };
const signedIn = async (createApi, options) => {
  const api = createApi({ ...base, fetch: server(), storage: ownStorage(), ...options });
  await api.signIn({ accessToken: 'old', refreshToken: 'first' });
  return api;
};

const transferred = () => { const body = new Uint8Array(8); structuredClone(body.buffer, { transfer: [body.buffer] }); return body; };
const fakeOf = (name) => Object.create(globalThis[name].prototype);
const post = (body) => ({ method: 'POST', body });

/** Calls of a client that works, each with something wrong. */
const CALLS = {
  'a post of a transferred body': (api) => api.fetch('/x', post(transferred())),
  'a post of a transferred buffer': (api) => api.post('/x', transferred().buffer),
  'a proxy of a Request': (api) => api.fetch(new Proxy(new Request('https://api.example/x'), { get: throws })),
  'a fake of a Request': (api) => api.fetch(fakeOf('Request')),
  'a proxy for an init': (api) => api.fetch('/x', throwing()),
  'a proxy for headers': (api) => api.fetch('/x', { headers: throwing() }),
  'a fake of a signal': (api) => api.fetch('/x', { signal: fakeOf('AbortSignal') }),
  'a proxy for a signal': (api) => api.fetch('/x', { signal: throwing() }),
  'a proxy for a body': (api) => api.fetch('/x', post(throwing())),
  'a prototype that throws': (api) => api.fetch('/x', new Proxy({}, { getPrototypeOf: throws })),
  'a URL that throws': (api) => api.fetch({ toString: throws }),
  'a method that throws': (api) => api.fetch('/x', { method: { toString: throws } }),
  'params that throw': (api) => api.get('/x', { params: throwing() }),
  'params that hold themselves': (api) => { const params = {}; params.params = params; return api.get('/x', { params }); },
  'a fake of params': (api) => api.get('/x', { params: fakeOf('URLSearchParams') }),
  'data that throw': (api) => api.post('/x', { toJSON: throws }),
  'a wrong validity': (api) => api.getAccessToken(throwing()),
  'tokens that throw': (api) => api.signIn(throwing()),
  'an abort at once': (api) => { const control = new AbortController(); const answer = api.fetch('/x', control); control.abort(throwing()); return answer; },
};

/** Calls of a client that is made wrong itself. */
const CLIENTS = {
  'a fetch that returns nothing': { fetch: () => undefined, hooks: { onRequest() {} } },
  'a fetch that throws': { fetch: throws },
  'a fetch that returns a proxy': { fetch: throwing },
  'a fetch whose status is a BigInt': { fetch: async () => ({ status: 10n, headers: new Headers(), text: async () => '' }) },
  'hooks that throw': { hooks: { onRequest: throws, onResponse: throws } },
  'hooks of proxies': { hooks: { onRequest: throwing, onResponse: throwing } },
  'a rule that throws': { isUnauthorized: throws },
  'a rule of a proxy': { isUnauthorized: throwing },
  'a refresh that throws': { refresh: throws },
  'a refresh of a proxy': { refresh: throwing },
  'a log of a method that throws': { debug: true, init: { method: { toString: throws } } },
};

/** Pages that are wrong, in which a client refreshes. */
const PAGES = {
  'cookies that throw': () => [[globalThis, 'document', { value: { get cookie() { return throws(); }, baseURI: 'https://api.example/' } }]],
  'locks that throw': () => [[globalThis, 'navigator', { value: { get locks() { return throws(); }, get onLine() { return throws(); } } }]],
  'no console.debug': () => [[console, 'debug', { value: undefined }]],
  'a database that returns nothing': () => [[globalThis, 'indexedDB', { value: { open: () => undefined } }]],
};
/** Thousands of lines would help nobody. */
const QUIET = [[console, 'debug', { value() {} }], [console, 'error', { value() {} }], [globalThis, 'reportError', { value() {} }]];
const IN_PAGES = { xsrfCookieName: 'x', tokenCookie: 'y', debug: true, autoRefresh: true };

/** Does something wrong 1,200 times, a hundred at a time. */
async function often(act) {
  for (let done = 0; done < TIMES; done += 100) {
    const all = Array.from({ length: 100 }, () => settled(Promise.resolve(called(act))));
    checkErrors(...await inTime(Promise.all(all), 'a wrong call', 60_000));
  }
}

/** Of a client that is made right. */
const SOUND = {};

/** One wrong thing; then the client that did it where it can, another one that was there before, and a new one. */
async function tryOne(createApi, { options = SOUND, members, act }) {
  const bystander = await signedIn(createApi);
  const { init, ...own } = options;
  // Where it answers wrong calls as well: a thousand of them must not use its tokens up.
  const api = await signedIn(createApi, { fetch: server(Infinity), ...own });
  await pretending([...QUIET, ...members?.() ?? []], () => often(() => act(api, init)));
  const others = [bystander, await signedIn(createApi), ...options === SOUND ? [api] : []];
  for (const one of others) {
    for (let n = 0; n < 12; n += 1) {
      const { status } = await inTime(one.fetch('/x'), 'a call afterwards');
      if (status !== 200) throw new Error(`a call afterwards is answered ${status}`);
    }
  }
}

const STORIES = {
  ...Object.fromEntries(Object.entries(CALLS).map(([name, act]) => [name, { act }])),
  ...Object.fromEntries(Object.entries(CLIENTS).map(([name, options]) => [name, { options, act: (api, init) => api.fetch('/x', init) }])),
};

/** The names of all stories. Of the pages, those that can be made so here: a browser's own parts do not let go. */
export const stories = (isNode) => [...Object.keys(STORIES), ...isNode ? Object.keys(PAGES) : [], 'createApi with proxies', 'a stack that is full'];

/** Options that throw wherever they are touched; each is a TypeError that names the option, or at least the argument. */
function createWithProxies(createApi) {
  const names = ['hooks', 'storage', 'refresh', 'headers', 'allowedOrigins', 'tokenNames', 'baseURL', 'timeout', 'fetch'];
  for (let n = 0; n < TIMES; n += 1) {
    const name = names[n % names.length];
    for (const options of [{ [name]: throwing() }, { get [name]() { return throws(); } }, throwing(), new Proxy({}, { ownKeys: throws })]) {
      try {
        createApi(options);
      } catch (error) {
        if (error instanceof TypeError && /option `|the argument/.test(error.message)) continue;
        throw error;
      }
      // Where nothing looks into it, as into a function, it is none of these.
      if (!['refresh', 'headers', 'fetch'].includes(name)) throw new Error(`createApi has taken a proxy for ${name}`);
    }
  }
}

/** Calls where the stack ends: whoever is to blame, the next call works. */
async function fullStack(createApi) {
  const api = await signedIn(createApi);
  const all = [];
  function fall(depth) {
    try {
      fall(depth + 1);
    } catch {
      if (all.length < TIMES) try { all.push(settled(api.fetch('/x'))); } catch { /* There was no room for the call itself. */ }
    }
  }
  for (let n = 0; n < 20; n += 1) fall(0);
  await inTime(Promise.all(all), 'a call at the end of the stack');
  const { status } = await inTime((await signedIn(createApi)).fetch('/x'), 'a call afterwards');
  if (status !== 200) throw new Error(`a call afterwards is answered ${status}`);
}

/** Tells one story. */
export async function thousands(createApi, name) {
  if (name === 'createApi with proxies') return createWithProxies(createApi);
  if (name === 'a stack that is full') return fullStack(createApi);
  if (PAGES[name]) return tryOne(createApi, { options: IN_PAGES, members: PAGES[name], act: (api) => api.fetch('/x') });
  return tryOne(createApi, STORIES[name]);
}
