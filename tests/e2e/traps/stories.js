// Stories of a trap, told through the api alone: the same in Node and in a page. Each plants a trap in the module, and
// returns what it has seen.

const BASE = 'https://api.example';

/** A server of its own for each story, and an api that is signed in to it. */
async function signedIn(createApi, options = {}) {
  const server = { accepts: 'a0', asked: 0, onAsked() {} };
  const settings = {
    baseURL: BASE,
    accessTokenKey: `access of ${crypto.randomUUID()}`,
    async fetch(input, init) {
      const token = new Request(input, init).headers.get('Authorization');
      const status = token === `Bearer ${server.accepts}` ? 200 : 401;
      return new Response(JSON.stringify({ token }), { status, headers: { 'Content-Type': 'application/json' } });
    },
    async refresh({ refreshToken }) {
      server.asked += 1;
      server.onAsked();
      if (refreshToken !== 'r') return new Response(null, { status: 401 });
      server.accepts = `a${server.asked}`;
      return { accessToken: server.accepts, refreshToken: 'r' };
    },
    onSignedOut() {},
    ...options,
  };
  const open = (more) => createApi({ ...settings, ...more });
  const api = open();
  await api.signIn({ accessToken: 'a0', refreshToken: 'r' });
  return { api, open, server };
}

/** A JWT that ends in so many seconds, which the server does not accept. */
function shortLived(seconds) {
  const part = (claims) => btoa(JSON.stringify(claims)).replaceAll('=', '');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ iat: now, exp: now + seconds })}.`;
}

/** Traps at the next visit of a place. Returns how often that has happened. */
function plant(place) {
  const seen = { traps: 0 };
  globalThis.plantedTrap = (visited) => {
    if (visited !== place) return false;
    delete globalThis.plantedTrap;
    seen.traps += 1;
    return true;
  };
  return seen;
}

/** Resolves with the outcome of a promise: a status, or an error's name and message, and if a trap is its cause. */
const outcome = (promise) => promise.then(
  (response) => response.status,
  (error) => [error.name, error.message, error.cause instanceof WebAssembly.RuntimeError],
);

const until = async (isSo) => {
  for (const end = Date.now() + 5000; !isSo() && Date.now() < end;) await new Promise((done) => { setTimeout(done, 10); });
  return isSo();
};

export async function aRequest(createApi) {
  const { api, server } = await signedIn(createApi);
  const { traps } = plant('depart');
  const both = [api.fetch('/'), api.fetch('/')].map(outcome);
  return { traps, outcomes: [...await Promise.all(both), await outcome(api.fetch('/'))], asked: server.asked };
}

export async function aFlight(createApi) {
  // The tokens that were asked for are lost, and whoever asks next has to be patient with the one that asked.
  const { api, server } = await signedIn(createApi, { refreshTimeout: 300, lockTimeout: 300 });
  server.accepts = 'another';
  server.onAsked = () => plant('step');
  const waiting = await Promise.all(Array.from({ length: 5 }, () => outcome(api.fetch('/'))));
  server.onAsked = () => {};
  const locks = (await globalThis.navigator?.locks?.query())?.held ?? [];
  return { waiting, locks: locks.length, later: await outcome(api.fetch('/')), asked: server.asked };
}

export async function theRecord(createApi) {
  const { api, server } = await signedIn(createApi);
  server.accepts = 'another';
  const seen = plant('onRecord');
  const waiting = await Promise.all([1, 2].map(() => outcome(api.fetch('/'))));
  const later = await outcome(api.fetch('/'));
  return { traps: seen.traps, waiting, later, asked: server.asked };
}

export async function aListenersCall(createApi) {
  const { api, server } = await signedIn(createApi);
  server.accepts = 'another';
  const heard = new Promise((resolve) => {
    const off = api.on('tokenRefreshed', () => {
      off();
      plant('depart');
      resolve(outcome(api.fetch('/')));
    });
  });
  const own = await outcome(api.fetch('/'));
  return { own, listeners: await heard, later: await outcome(api.fetch('/')), asked: server.asked };
}

export async function aTimer(createApi) {
  const { api, server } = await signedIn(createApi, { autoRefresh: true });
  const seen = plant('refreshAhead');
  await api.signIn({ accessToken: shortLived(4), refreshToken: 'r' });
  const hasTrapped = await until(() => seen.traps > 0);
  const isRefreshed = await until(() => server.asked > 0);
  return { hasTrapped, isRefreshed, later: await outcome(api.fetch('/')) };
}

export async function aTimersPlan(createApi) {
  const { api, server } = await signedIn(createApi, { autoRefresh: true });
  const seen = plant('untilDue');
  await outcome(api.refresh().then(() => ({ status: 'refreshed' })));
  const hasTrapped = await until(() => seen.traps > 0);
  return { hasTrapped, later: await outcome(api.fetch('/')), asked: server.asked };
}

export async function aNeighbour(createApi) {
  const { api, open, server } = await signedIn(createApi, { storage: tokensOf() });
  const neighbour = open();
  plant('depart');
  const first = await outcome(api.fetch('/'));
  server.accepts = 'another';
  const both = await Promise.all([api, neighbour].map((each) => outcome(each.fetch('/'))));
  const other = open();
  return { first, both, other: await outcome(other.fetch('/')), asked: server.asked };
}

export async function anEvent(createApi) {
  const { api, server } = await signedIn(createApi);
  const seen = plant('wake');
  dispatchEvent(new Event('online'));
  return { hasTrapped: seen.traps > 0, later: await outcome(api.fetch('/')), asked: server.asked };
}

export async function createApiItself(createApi) {
  const { open, server } = await signedIn(createApi);
  // The first api of its session.
  const again = { storage: tokensOf(['access', 'a0']), accessTokenKey: 'access' };
  plant('start');
  const thrown = await outcome((async () => open(again))());
  return { thrown, later: await outcome(open(again).fetch('/')), asked: server.asked };
}

/** A storage that several apis may have. */
function tokensOf(...held) {
  const tokens = new Map(held);
  return {
    get: (key) => tokens.get(key) ?? null,
    set: (key, token) => { tokens.set(key, token); },
    remove: (key) => { tokens.delete(key); },
  };
}

export async function oneAfterTheOther(createApi) {
  const { api } = await signedIn(createApi);
  const outcomes = [];
  for (let n = 0; n < 20; n += 1) {
    plant('depart');
    outcomes.push(typeof await outcome(api.fetch('/')), await outcome(api.fetch('/')));
  }
  return { outcomes: [...new Set(outcomes)] };
}

/** The instance that takes over traps as well, as soon as it begins. */
export async function theNextInstance(createApi) {
  const { api, open, server } = await signedIn(createApi, { storage: tokensOf() });
  globalThis.plantedTrap = (place) => place === 'depart' || place === 'start';
  const outcomes = [await outcome(api.fetch('/')), await outcome(api.fetch('/'))];
  delete globalThis.plantedTrap;
  const other = open();
  return { outcomes, later: [await outcome(other.fetch('/')), await outcome(api.fetch('/'))], asked: server.asked };
}
