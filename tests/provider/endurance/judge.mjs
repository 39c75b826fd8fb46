// Explains, one by one, all that is not as it is on a good day. What has no explanation is a fault.

import { clock, describeCall, describeRefresh } from './descriptions.mjs';
import { grantBefore, lossOf, whyEarly, whyUnanswered } from './reasons.mjs';
import { SLACK } from './times.mjs';

const TO_HEAR = 3000; // for every tab to hear of another session

export function judge({ ledger, engine, tabs, shop, problems, seed, began, expiries, kinds }) {
  const explained = new Map();
  const faults = [...problems];
  const put = (what, reason, fault) => {
    if (!reason) faults.push(fault());
    else explained.set(`${what}: ${reason}`, (explained.get(`${what}: ${reason}`) ?? 0) + 1);
  };
  const context = { ledger, put, faults };
  const ends = judgeSessions(context);
  const grants = judgeRefreshes(context, ends);
  const requests = judgeCalls(context, ends);
  return {
    engine: engine.title, version: engine.version, seed, tabs: tabs.all.length, wanted: expiries,
    expiries: ledger.expiries.length, ...grants, ...requests,
    revoked: ledger.revocations.length, sessions: ledger.sessions.length - 1,
    seconds: Math.round((Date.now() - began) / 1000),
    kinds, counts: ledger.counts, explained: [...explained].sort(), faults,
    problems: [...tabs.problems, ...shop.errors], // the test's own
  };
}

/** Each end of a session needs a refresh token whose answer was lost with its tab or its network. */
function judgeSessions({ ledger, put }) {
  const ends = [];
  for (const refresh of ledger.refreshes.filter(({ state }) => state === 'refused')) {
    const cause = lossOf(grantBefore(refresh), refresh.arrivedAt, ledger);
    const last = ends.at(-1);
    // The grant is gone: whoever else presents a token of it is refused as well.
    const isAftermath = last && !grantBefore(refresh) && (!refresh.generation || refresh.generation.issuedAt <= last.at);
    if (isAftermath || (last && refresh.presentedAt < last.at + TO_HEAR)) continue;
    put('session ended', cause, () => `refused without a cause: ${describeRefresh(refresh, ledger)}`);
    ends.push({ at: refresh.presentedAt, until: nextSession(ledger, refresh.presentedAt) + TO_HEAR, cause });
  }
  for (const { cause } of ledger.sessions) {
    if (!cause || ends.some(({ at, until }) => cause.at >= at - SLACK && cause.at <= until)) continue;
    put('', null, () => `tab ${cause.life} was signed out at ${clock(cause.at)} although the provider had refused nothing`);
  }
  return ends;
}

function nextSession({ sessions }, at) {
  return sessions.find(({ beganAt }) => beganAt > at)?.beganAt ?? Infinity;
}

/** As many grants as expiries, but for those that are explained. */
function judgeRefreshes({ ledger, put }, ends) {
  const granted = ledger.refreshes.filter(({ state }) => state === 'granted');
  const owed = granted.filter(({ wasExpired }) => wasExpired);
  for (const refresh of granted.filter(({ wasExpired }) => !wasExpired)) {
    put('refresh without an expiry', whyEarly(refresh, ledger), () => `needless: ${describeRefresh(refresh, ledger)}`);
  }
  const expired = ledger.expiries.map(({ generation }) => generation);
  for (const generation of expired.filter(({ grant }) => !grant)) {
    const end = ends.find(({ at, until, cause }) => cause && at >= generation.issuedAt && at <= until);
    put('expiry without a refresh', end && 'the session had ended', () => `token ${generation.number} was never refreshed`);
  }
  return { refreshes: granted.length, owed: owed.length };
}

function judgeCalls({ ledger, put, faults }, ends) {
  const counts = { requests: 0, posts: 0, answered: 0, lost: 0, doubled: 0 };
  for (const call of ledger.calls.values()) {
    counts.requests += 1;
    if (call.method === 'POST') counts.posts += 1;
    const isGood = call.outcome?.status === 200;
    if (isGood) counts.answered += 1;
    else put('request not answered', whyUnanswered(call, ledger, ends), () => (counts.lost += 1, describeCall(call)));
    const wrong = wrongBody(call, isGood);
    if (!wrong) continue;
    counts[wrong === 'lost' ? 'lost' : 'doubled'] += 1;
    faults.push(`body ${wrong} (${call.bodies.length} arrivals): ${describeCall(call)}`);
  }
  return counts;
}

/** A body arrives once; where its answer is not known, at most once. And it is what was sent. */
function wrongBody({ bodies, method, sent }, isGood) {
  if (bodies.length > 1) return 'doubled';
  if (isGood && method === 'POST' && bodies.length === 0) return 'lost';
  return bodies.length === 1 && sent !== undefined && bodies[0] !== sent ? 'changed' : null;
}

/** The refusal that ended the session, for those who watch the run. */
export function describeEnd(ledger) {
  const refused = ledger.refreshes.filter(({ state }) => state === 'refused');
  const refresh = refused.findLast(grantBefore) ?? refused.at(-1);
  if (!refresh) return 'nothing was refused';
  const cause = lossOf(grantBefore(refresh), refresh.arrivedAt, ledger);
  return `${cause ?? 'NO CAUSE'}: ${describeRefresh(refresh, ledger)}`;
}
