// One client through one scenario: a provider, a browser profile and ten tabs of their own.

import { setTimeout as sleep } from 'node:timers/promises';

import { seeded } from '../random.mjs';
import { signIn } from '../server/sign-in.mjs';
import { startShop } from '../server/shop.mjs';
import { atMost } from './at-most.mjs';
import { Calls } from './calls.mjs';
import { Disruptions } from './disruptions.mjs';
import { judge } from './judge.mjs';
import { Tabs } from './tabs.mjs';

const TO_SETTLE = 15000;
const ON_ITS_WAY = 200;
const STEP = 60000; // far more than any of them takes

const tell = (error) => console.error(error.message);

/**
 * @param {object} options
 * @param {number} options.expiries how many access tokens shall expire on the tabs
 * @param {number} options.longest seconds after which it is over nevertheless
 */
export async function run({ browser, client, scenario, seed, file, tabs: count, expiries, longest }) {
  const began = Date.now();
  const shop = await startShop({ seed, file, grace: scenario.grace, delays: scenario.delays });
  const context = await browser.newContext();
  const calls = new Calls({ isAged: (call) => isAged(shop, call) });
  const tabs = new Tabs({ context, client, shop, calls, count });
  const random = seeded(seed, 'disruptions');
  const disruptions = new Disruptions({
    tabs, shop, calls, random, isStrict: scenario.grace === 0, weights: scenario.weights,
  });
  const state = { isOver: false };
  try {
    await listen(context, { tabs, calls, shop, seed, state });
    await begin(context, shop);
    await tabs.alone(() => Promise.all(tabs.slots.map((tab) => tabs.open(tab))));
    const returning = returnFromLogin({ tabs, shop, state });
    while (shop.generations.expiries < expiries && Date.now() - began < longest * 1000) {
      await sleep(random.between(200, 1200));
      await atMost(STEP, disruptions.one(), 'a disruption');
    }
    await atMost(STEP, disruptions.reopenAll(), 'opening the closed tabs');
    state.isOver = true;
    const isSettled = await settled({ tabs, calls });
    state.isClosed = true;
    await atMost(STEP, returning, 'returning from the login page');
    return judge({ client, scenario, seed, tabs, shop, calls, disruptions, isSettled, began });
  } finally {
    Object.assign(state, { isOver: true, isClosed: true });
    await atMost(STEP, context.close(), 'closing the profile').catch(tell);
    await atMost(STEP, shop.close(), 'closing the shop').catch(tell);
  }
}

/**
 * On a busy machine a token of two seconds can expire between the refresh and the replay's arrival. The second 401 is
 * the caller's then, by contract. It is no fault if the replay carried the newest token that there was.
 */
function isAged({ generations, refreshes }, call) {
  const [first, second, ...more] = generations.visits(call);
  return second?.hasExpired === true && more.length === 0 && second.generation.number > first.generation.number
    && !refreshes.hadLater(second.generation, second.at - ON_ITS_WAY);
}

/** Answers the messages of the pages. */
async function listen(context, { tabs, calls, shop, seed, state }) {
  const slotOf = (life) => Number(life.split('.')[0]);
  const answers = {
    born: ({ life }) => ({ seed, orders: calls.openOrders(slotOf(life)) }),
    ready: ({ life }) => tabs.ready(life),
    more: () => !state.isOver,
    order: ({ life }) => !state.isOver && calls.newOrder(slotOf(life)),
    // A page that is being closed has nothing to begin any more.
    begin: ({ life, kind, order }) => (
      tabs.ofLife(life) && !(state.isOver && kind === 'resource') && { call: calls.begin(life, kind, order).call }
    ),
    end: (message) => calls.end(message),
    stored: ({ path, key, value }) => shop.refreshes.stored(path.split('/').at(-1), key, value),
  };
  await context.exposeBinding('tell', (_source, message) => answers[message.type](message));
  await context.addInitScript(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, value) {
      setItem.call(this, key, value);
      tell({ type: 'stored', path: location.pathname, key, value });
    };
  });
}

/** Signs in, and leaves the tokens where every tab will look for them. */
async function begin(context, shop) {
  const page = await context.newPage();
  await page.goto(`${shop.origin}/login`);
  await keep(page, await signIn(shop.origin));
  await page.close();
}

function keep(page, answer) {
  return page.evaluate(({ access_token: access, refresh_token: refresh }) => {
    localStorage.setItem('refreshToken', refresh);
    localStorage.setItem('accessToken', access);
  }, answer);
}

/** Signs in again for all tabs that were led to the login page, and lets them go on. */
async function returnFromLogin({ tabs, shop, state }) {
  while (!state.isClosed) {
    await sleep(500);
    if (!tabs.slots.some(({ isAtLogin }) => isAtLogin)) continue;
    await tabs.alone(async () => {
      const waiting = tabs.slots.filter(({ isAtLogin }) => isAtLogin);
      if (waiting.length === 0) return;
      await waiting[0].page.goto(`${shop.origin}/login`);
      await keep(waiting[0].page, await signIn(shop.origin));
      await Promise.all(waiting.map((tab) => tabs.open(tab)));
    }).catch((error) => shop.errors.push(error));
  }
}

/** Resolves with true if every call has settled and every order is done, soon enough. */
async function settled({ tabs, calls }) {
  const end = Date.now() + TO_SETTLE;
  const isOpen = () => calls.pending.length > 0 || tabs.slots.some(({ slot }) => calls.openOrders(slot).length > 0);
  await sleep(2000); // every tab makes its last call
  while (isOpen() && Date.now() < end) await sleep(100);
  return !isOpen();
}
