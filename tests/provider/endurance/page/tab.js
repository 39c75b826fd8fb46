// What a user does in one tab: requests and orders at random moments, through tokenflight.

import { createApi } from '/shop/modules/tokenflight.js';
import { seeded } from '/shop/modules/random.js';
import { note, onBeat, report } from '/shop/modules/reporter.js';

const { life, seed, pause, refreshTimeout } = settings;
const AT_ONCE = 6;
const random = seeded(seed, `tab ${life}`);
let calls = 0;
let open = 0;
let isOver = false;
let next = 0;

const { setItem } = Storage.prototype;
Storage.prototype.setItem = function (key, value) {
  setItem.call(this, key, value);
  if (key === 'accessToken') note('stored', { token: value, at: clock.now() });
};

const api = createApi({
  refresh: { tokenEndpoint: '/token', clientId: 'shop' },
  refreshTimeout,
  onSignedOut: () => note('signedOut', { at: clock.now() }),
});

async function one() {
  const id = `${life}-${calls += 1}`;
  const isOrder = random.chance(0.35);
  const body = isOrder ? JSON.stringify({ id, text: 'x'.repeat(random.between(0, 400)) }) : undefined;
  open += 1;
  note('begun', { id, at: clock.now(), method: isOrder ? 'POST' : 'GET', sent: body });
  const outcome = await api.fetch(`/shop/${isOrder ? 'orders' : 'resource'}?call=${id}`, {
    method: isOrder ? 'POST' : 'GET', body, headers: isOrder ? { 'Content-Type': 'application/json' } : {},
  }).then(
    async (response) => {
      await response.text();
      return { status: response.status };
    },
  ).catch((error) => ({ error: error?.name ?? 'nothing', message: `${error?.message ?? error}`.slice(0, 200) }));
  open -= 1;
  note('ended', { id, at: clock.now(), ...outcome });
}

function deleteDatabase() {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase('tokenflight');
    for (const type of ['success', 'error', 'blocked']) request.addEventListener(type, () => resolve(type));
  });
}

onBeat(() => {
  // Nobody uses a shop before the sign-in: without tokens, a refresh would ask by cookie.
  if (isOver || open >= AT_ONCE || performance.now() < next || !localStorage.getItem('accessToken')) return;
  next = performance.now() + random.between(...pause);
  one();
});
report(() => open, {
  stop: () => { isOver = true; },
  signIn: ({ tokens }) => api.signIn({ accessToken: tokens.access_token, refreshToken: tokens.refresh_token }),
  deleteDatabase,
  hello: () => true,
});
