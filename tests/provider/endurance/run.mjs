// One browser, one provider, one plan.

import { setTimeout as sleep } from 'node:timers/promises';

import { signIn } from '../server/sign-in.mjs';
import { startControl } from './control.mjs';
import { Disruptions } from './disruptions.mjs';
import { describeEnd, judge } from './judge.mjs';
import { Ledger } from './ledger.mjs';
import { planOf } from './plan.mjs';
import { startShop } from './shop.mjs';
import { Tabs } from './tabs.mjs';
import { REFRESH_TIMEOUT } from './times.mjs';

const TO_REFRESH = 60_000; // longer than any outage, with the pauses that it brings
const TO_CATCH_UP = 5000;
const TO_SETTLE = 30_000;
const PROGRESS = 30_000;

/**
 * @param {object} options
 * @param {() => Promise<object>} options.start starts the browser
 * @param {string} options.file the package to test
 * @param {string[]} [options.kinds] of disruptions, of those that the browser can do; by default all
 * @param {number} options.longest seconds after which no further expiry is begun
 */
export async function endure({ start, tabs: count, expiries, seed, file, longest, kinds }) {
  const run = { began: Date.now(), ledger: new Ledger(), expiries, longest, seed, problems: [] };
  const { ledger } = run;
  const closing = [];
  try {
    const engine = await start();
    closing.push(() => engine.stop());
    const control = await startControl(ledger);
    closing.push(() => control.close());
    const settings = { seed, refreshTimeout: REFRESH_TIMEOUT, beat: 40 + 8 * count, pause: [30 * count, 130 * count] };
    const shop = await startShop({ seed, file, ledger, control, settings });
    closing.push(() => shop.close());
    const tabs = new Tabs({ engine, shop, ledger, count });
    const disruptions = new Disruptions({ tabs, shop, ledger, control });
    Object.assign(run, { engine, control, shop, tabs, disruptions });
    await begin(run);
    run.kinds = engine.kinds.filter((kind) => !kinds || kinds.includes(kind));
    await follow(run, planOf({ seed, expiries, kinds: run.kinds }));
    await end(run);
    return judge(run);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Opens the tabs; the first one signs in. */
async function begin({ tabs, ...run }) {
  const [first, ...others] = tabs.all;
  await tabs.open(first);
  await beginSession({ tabs, ...run }, null);
  for (const tab of others) await tabs.open(tab);
}

/** Signs in, in whichever tab can. */
async function beginSession({ tabs, shop, ledger, control }, cause) {
  const session = { cause, from: Date.now(), beganAt: null };
  ledger.sessions.push(session);
  const tokens = await signIn(shop.origin);
  for (let tries = 0; tries < 20; tries += 1) {
    const tab = tabs.free[0];
    if (tab && await control.order(tab.life, 'signIn', { tokens })) {
      session.beganAt = Date.now();
      return;
    }
    await sleep(250);
  }
  throw new Error('no tab could sign in');
}

async function follow(run, plan) {
  const { ledger, disruptions, began, longest } = run;
  run.opened = Date.now();
  let told = run.opened;
  for (const [index, { pause, disruption }] of plan.entries()) {
    if (Date.now() - began > longest * 1000) return;
    await sleep(pause);
    await disruptions.around(disruption, () => ledger.expire());
    await renewed(run);
    await caughtUp(run);
    if (run.problems.length > 0) return;
    if (Date.now() - told < PROGRESS) continue;
    told = Date.now();
    progress(run, index + 1);
  }
}

function progress({ engine, ledger, expiries, began, opened }, done) {
  const seconds = Math.round((Date.now() - began) / 1000);
  const left = Math.round((Date.now() - opened) / 1000 / done * (expiries - done));
  console.log(`${engine.title}: ${done} of ${expiries} expiries, ${ledger.calls.size} requests, `
    + `${ledger.revocations.length} revocations; ${seconds} s, about ${left} s to go`);
}

/** Waits until a request has come with a token that is good. Where the session is over, another one begins. */
async function renewed(run) {
  const { ledger, problems } = run;
  const isRenewed = () => ledger.newest.expiredAt === null && ledger.newest.seenAt;
  const end = Date.now() + TO_REFRESH;
  while (!isRenewed()) {
    if (Date.now() > end) {
      problems.push(`expiry ${ledger.expiries.length} led to no new token within ${TO_REFRESH / 1000} s`);
      return;
    }
    await ledger.until(() => isRenewed() || isOver(ledger), 1000);
    if (!isOver(ledger)) continue;
    console.log(`${run.engine.title}: the session ended at expiry ${ledger.expiries.length}. ${describeEnd(ledger)}`);
    await beginSession(run, ledger.signOuts.at(-1));
  }
}

/**
 * Lets the calls settle that the expiry has met. A token that expires within the same moment as it was issued looks like
 * one that no refresh can help.
 */
function caughtUp({ ledger, tabs }) {
  const seenAt = ledger.newest.seenAt ?? Date.now();
  return ledger.until(() => !ledger.isWaitedFor(seenAt, tabs.free.map(({ life }) => life)), TO_CATCH_UP);
}

/** Whether a tab has been signed out since the last session began. */
function isOver({ signOuts, sessions }) {
  return signOuts.some(({ at }) => at > sessions.at(-1).beganAt);
}

/** Lets every call settle, and says no more than that the tabs shall begin none. */
async function end({ tabs, control, ledger, problems }) {
  await tabs.rest();
  control.isOver = true;
  const living = () => tabs.all.filter(({ life }) => life).map(({ life }) => ledger.lives.get(life));
  await sleep(1500);
  const isSettled = await ledger.until(() => living().every(({ open }) => open === 0), TO_SETTLE);
  if (!isSettled) {
    const open = living().filter((one) => one.open > 0).map((one) => `${one.open} in tab ${one.life}`);
    problems.push(`calls that never settle: ${open.join(', ')}`);
  }
  await sleep(500); // the last reports
}
