// In a frame: tries one case of the faults, and tells what came of it.

import { createApi } from '/tokenflight/index.js';
import { install, STORAGES } from './broken.js';
import { called, checkErrors, checkUnhandled, freshToken, inTime, settled } from './kit.js';

const own = new URL(import.meta.url).origin;

/** A token server and an api, as a `fetch`. */
function sound() {
  let good = freshToken();
  return async (input, init) => {
    if (String(input?.url ?? input).endsWith('/refresh-token')) {
      good = freshToken();
      return Response.json({ accessToken: good, refreshToken: freshToken() });
    }
    const headers = input?.headers ?? new Headers(init?.headers);
    return new Response(null, { status: headers.get('Authorization') === `Bearer ${good}` ? 200 : 401 });
  };
}

const MORE = { tokenCookie: 'a', xsrfCookieName: 'b', autoRefresh: true, debug: true, returnTo: 'from' };
const EVENTS = ['storage', 'online', 'pageshow', 'pagehide', 'freeze', 'visibilitychange'];

const optionsOf = ({ storage, hasOptions }) => ({
  baseURL: own, fetch: sound(), storage: STORAGES[storage]?.() ?? storage, onSignedOut() {}, refreshTimeout: 300, lockTimeout: 300,
  retryDelay: 5, coolDown: 5, accessTokenKey: freshToken(), refreshTokenKey: freshToken(), ...hasOptions && MORE,
});

const nameOf = ({ value, error }) => (error ? error.code ?? error.name ?? 'another error' : String(value?.status ?? 'done'));

/** All that a client does, at once. */
async function useAll(api) {
  const controller = new AbortController();
  const calls = [
    () => api.signIn({ accessToken: freshToken('-old'), refreshToken: freshToken() }), () => api.fetch('/a'), () => api.get('/b'),
    () => api.fetch('/c', { signal: controller.signal }), () => api.fetch('/d', { method: 'POST', body: new FormData(), timeout: 2000 }),
    () => api.refresh(), () => api.getAccessToken({ minValidity: 5 }), () => api.fetch('/e', { auth: 'optional' }),
  ];
  const promises = calls.map((act) => settled(called(act)));
  controller.abort();
  for (const type of EVENTS) dispatchEvent(new Event(type));
  const outcomes = await inTime(Promise.all(promises), 'a call', 25_000);
  const out = await inTime(settled(called(() => api.signOut())), 'signing out', 25_000);
  checkErrors(...outcomes, out);
  return [...outcomes, out].map(nameOf);
}

/** Without faults. */
async function works(options) {
  const api = createApi(options);
  await api.signIn({ accessToken: freshToken('-old'), refreshToken: freshToken() });
  const { status } = await api.fetch('/a');
  if (status !== 200) throw new Error(`afterwards a call is answered ${status}`);
}

async function tryOut(one) {
  const restore = install(one.faults);
  let outcomes;
  try {
    outcomes = await useAll(createApi(optionsOf(one)));
  } finally {
    restore();
  }
  await inTime(works(optionsOf({ storage: 'memory' })), 'a call afterwards', 20_000);
  checkUnhandled();
  return outcomes;
}

addEventListener('message', async ({ data, ports: [port] }) => {
  if (!port) return;
  const { value: outcomes, error } = await settled(tryOut(data));
  port.postMessage(error ? { problem: `${error.stack ?? error}${error.cause ? `\ncaused by ${error.cause.stack ?? error.cause}` : ''}` } : { outcomes });
});
parent.postMessage('ready', '*');
