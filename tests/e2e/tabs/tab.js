// A tab, as the tests beside this folder use it. It can be held at any step of a refresh.

import { createApi } from '/tokenflight/index.js';
import { begin, send } from '/kit.js';

globalThis.begin = (options) => Object.assign(globalThis, begin(options));
globalThis.send = (count, one = api) => send(one, count);

/** Imports the module once more, as a second bundle does, and creates its api. */
globalThis.beginCopy = async (options) => {
  const copy = await import('/tokenflight/index.js?copy');
  if (copy.createApi === createApi) throw new Error('it is the same copy');
  globalThis.copy = begin(options, copy.createApi);
};

/** Stands still, with all that the page does, until the server answers: the test decides when. */
function stand() {
  const request = new XMLHttpRequest();
  request.open('GET', '/stand', false);
  request.send();
}

const STEPS = {
  /** The lock is granted, and nothing done yet. */
  granted: (here) => wrap(LockManager.prototype, 'request', (request, [name, options, callback]) => (
    request(name, options, (lock) => {
      here();
      return callback(lock);
    })
  )),
  /** The record is about to be told who asks. */
  noting: (here) => wrap(IDBObjectStore.prototype, 'put', (put, args) => {
    here();
    return put(...args);
  }),
  /** All is said and done but for the request itself. */
  sending: (here) => wrap(globalThis, 'fetch', (fetch, [input, init]) => {
    if (String(input.url ?? input).includes('refresh-token')) here();
    return fetch(input, init);
  }),
  /** Of the new tokens, one is stored. */
  refreshToken: (here) => afterWriting('refreshToken', here),
  /** Both are stored. */
  accessToken: (here) => afterWriting('accessToken', here),
  /** All is over but for the lock. */
  releasing: (here) => wrap(LockManager.prototype, 'request', (request, [name, options, callback]) => (
    request(name, options, (lock) => callback(lock).then(here))
  )),
};

/** Stands still when a refresh reaches `step`, once. */
globalThis.standAt = (step) => {
  let isOver = false;
  STEPS[step](() => {
    if (!isOver) {
      isOver = true;
      stand();
    }
  });
};

function afterWriting(token, here) {
  wrap(Storage.prototype, 'setItem', (setItem, [key, value]) => {
    setItem(key, value);
    if (key === token) here();
  });
}

function wrap(object, name, act) {
  const original = object[name];
  object[name] = function wrapped(...args) {
    return act(original.bind(this), args);
  };
}

/** For so long, `localStorage` shows what it shows now: what other tabs store takes its time to arrive. */
globalThis.lag = (ms) => {
  const now = { ...localStorage };
  const { getItem } = Storage.prototype;
  Storage.prototype.getItem = (key) => now[key] ?? null;
  setTimeout(() => { Storage.prototype.getItem = getItem; }, ms);
};

/** Makes waits of 15 s and more short: those after which an ended session is forgotten. */
globalThis.hasten = () => wrap(globalThis, 'setTimeout', (setTimeout, [act, ms, ...more]) => (
  setTimeout(act, ms < 15_000 ? ms : 300, ...more)
));
