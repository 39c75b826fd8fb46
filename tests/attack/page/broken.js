// Parts of a page that do not do what they should. Each is put in place of the right one, which comes back later.

const throws = () => { throw new DOMException('denied', 'SecurityError'); };
const never = () => new Promise(() => {});
const rejects = () => Promise.reject(new DOMException('denied', 'SecurityError'));

/** Replaces a member with a value, or with what a getter does. */
const value = (target, name, it) => ({ target, name, descriptor: { value: it, configurable: true, writable: true } });
const getter = (target, name, get) => ({ target, name, descriptor: { get, configurable: true } });

const global = globalThis;
const proto = (name) => global[name]?.prototype;
const locks = (request) => [getter(proto('Navigator'), 'locks', () => ({ request }))];
const recordOf = (record) => {
  const { get } = Object.getOwnPropertyDescriptor(IDBRequest.prototype, 'result');
  return [getter(IDBRequest.prototype, 'result', function result() {
    const own = get.call(this);
    return own instanceof IDBDatabase ? own : record();
  })];
};

/** By name, what is replaced. */
export const FAULTS = {
  'localStorage throws': () => [getter(global, 'localStorage', throws)],
  'localStorage is null': () => [getter(global, 'localStorage', () => null)],
  'localStorage is an object': () => [getter(global, 'localStorage', () => ({ getItem: () => 7, setItem: throws, removeItem: throws }))],
  'sessionStorage throws': () => [getter(global, 'sessionStorage', throws)],
  'storages are full': () => [value(proto('Storage'), 'setItem', throws)],
  'storages cannot be read': () => [value(proto('Storage'), 'getItem', throws)],
  'storages remove nothing': () => [value(proto('Storage'), 'removeItem', throws)],
  'storages hold numbers': () => [value(proto('Storage'), 'getItem', () => 7)],
  'no indexedDB': () => [value(global, 'indexedDB', undefined)],
  'indexedDB throws': () => [getter(global, 'indexedDB', throws)],
  'open throws': () => [value(proto('IDBFactory'), 'open', throws)],
  'open returns nothing': () => [value(proto('IDBFactory'), 'open', () => undefined)],
  'open is never answered': () => [value(proto('IDBFactory'), 'open', () => new EventTarget())],
  'open is refused': () => [value(proto('IDBFactory'), 'open', () => { const request = new EventTarget(); queueMicrotask(() => request.dispatchEvent(new Event('error'))); return request; })],
  'no transactions': () => [value(proto('IDBDatabase'), 'transaction', throws)],
  'no database': () => [value(proto('IDBTransaction'), 'objectStore', throws)],
  'records cannot be read': () => [value(proto('IDBObjectStore'), 'get', throws)],
  'records cannot be written': () => [value(proto('IDBObjectStore'), 'put', throws)],
  'records are texts': () => recordOf(() => 'text'),
  'records are empty': () => recordOf(() => new Float64Array()),
  'records are rubbish': () => recordOf(() => Float64Array.from({ length: 40 }, () => (Math.random() - 0.5) * 1e300)),
  'records are not numbers': () => recordOf(() => new Float64Array(30).fill(Number.NaN)),
  'records are infinite': () => recordOf(() => new Float64Array(30).fill(Infinity)),
  'records are huge': () => recordOf(() => new Float64Array(3_000_000).fill(1)),
  'no locks': () => [getter(proto('Navigator'), 'locks', () => undefined)],
  'locks throw': () => [getter(proto('Navigator'), 'locks', throws)],
  'asking for a lock throws': () => locks(throws),
  'locks are refused': () => locks(rejects),
  'locks are never granted': () => locks(never),
  'locks are a number': () => locks(() => 7),
  'locks are granted twice': () => locks((_name, _options, act) => Promise.all([act({}), act({})])),
  'locks are granted at once': () => locks((_name, _options, act) => { act({}); }),
  'onLine throws': () => [getter(proto('Navigator'), 'onLine', throws)],
  'hidden throws': () => [getter(proto('Document'), 'hidden', throws)],
  'cookies throw': () => [getter(proto('Document'), 'cookie', throws)],
  'cookies are a number': () => [getter(proto('Document'), 'cookie', () => 7)],
  'no console.debug': () => [value(console, 'debug', undefined)],
  'the console throws': () => ['debug', 'warn', 'error'].map((name) => value(console, name, throws)),
  'reportError throws': () => [value(global, 'reportError', throws)],
  'no reportError': () => [value(global, 'reportError', undefined)],
  'no AbortSignal.any': () => [value(AbortSignal, 'any', undefined)],
  'no weak references': () => ['WeakRef', 'FinalizationRegistry'].map((name) => value(global, name, undefined)),
  'no navigation timing': () => [value(performance, 'getEntriesByType', throws)],
  'the clock stands still': () => [value(Date, 'now', () => 0)],
  'the clock is ahead': () => { const now = Date.now(); return [value(Date, 'now', () => now + 1e12)]; },
  'the clock jumps': () => { const { now } = Date; let n = 0; return [value(Date, 'now', () => now() + (n++ % 2 ? 1e9 : -1e9))]; },
  'chance is always 0': () => [value(Math, 'random', () => 0)],
};

/** Storages of the caller's own. */
const sound = () => {
  const held = new Map();
  return { get: async (key) => held.get(key) ?? null, set: async (key, token) => { held.set(key, token); }, remove: async (key) => { held.delete(key); } };
};
export const STORAGES = {
  'a sound one': sound,
  'get throws': () => ({ ...sound(), get: throws }),
  'get rejects': () => ({ ...sound(), get: rejects }),
  'get never answers': () => ({ ...sound(), get: never }),
  'get gives anything': () => ({ ...sound(), get: () => [7, {}, null, undefined, '"quoted"', Symbol('a')][Math.floor(Math.random() * 6)] }),
  'set throws': () => ({ ...sound(), set: throws }),
  'set rejects': () => ({ ...sound(), set: rejects }),
  'set never answers': () => ({ ...sound(), set: never }),
  'remove throws': () => ({ ...sound(), remove: throws }),
  'everything rejects': () => ({ get: rejects, set: rejects, remove: rejects }),
  'subscribe throws': () => ({ ...sound(), shared: true, subscribe: throws }),
  'subscribe gives anything': () => ({ ...sound(), shared: true, subscribe: () => 7 }),
  'it tells of changes all the time': () => ({
    ...sound(), shared: true, subscribe(listener) { let n = 0; const timer = setInterval(() => { listener(); if ((n += 1) > 200) clearInterval(timer); }, 5); },
  }),
};

/** Puts the faults in place; returns what takes them away. What is not there cannot be broken. */
export function install(names) {
  const replaced = [];
  for (const { target, name, descriptor } of names.flatMap((one) => { try { return FAULTS[one](); } catch { return []; } })) {
    if (!target) continue;
    const before = Object.getOwnPropertyDescriptor(target, name);
    try {
      Object.defineProperty(target, name, descriptor);
      replaced.unshift([target, name, before]);
    } catch {
      // It cannot be replaced: so nobody else can either.
    }
  }
  return () => {
    for (const [target, name, before] of replaced) {
      if (before) Object.defineProperty(target, name, before);
      else delete target[name];
    }
  };
}
