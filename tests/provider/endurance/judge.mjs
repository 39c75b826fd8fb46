// Explains, one by one, all that is not as it is on a good day. What has no explanation is a fault.

import { REFRESH_TIMEOUT } from './times.mjs';

const SLACK = 400; // what is done to tabs reaches them one by one
const AFTER = 15_000; // the pauses after an outage, which all tabs keep, double
const AHEAD = 31_000; // how long before its end a token is refreshed
const FUTILE = 2000; // how long a 401 for a token is given back whose refresh did not help
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

/** The refusal that ended the session, for those who watch the run. */
export function describeEnd(ledger) {
  const refused = ledger.refreshes.filter(({ state }) => state === 'refused');
  const refresh = refused.findLast(grantBefore) ?? refused.at(-1);
  if (!refresh) return 'nothing was refused';
  const cause = lossOf(grantBefore(refresh), refresh.arrivedAt, ledger);
  return `${cause ?? 'NO CAUSE'}: ${describeRefresh(refresh, ledger)}`;
}

/** Who had been granted with the refresh token of a refresh that was refused. */
function grantBefore({ generation }) {
  return generation?.grant ?? null;
}

/** Why what this grant brought never got into the storage, as far as no client can help it. */
function lossOf(grant, by, ledger) {
  if (!grant) return null;
  const { brought, life, presentedAt, answeredAt } = grant;
  const wasSeen = [brought.seenAt, brought.storedAt, brought.grant?.presentedAt].some((at) => at && at < by);
  if (wasSeen) return null;
  const { endedAt, how } = ledger.lives.get(life);
  if (endedAt && endedAt <= by) return `its tab was ${how} between the provider's grant and the storing`;
  const filter = { life, kinds: ['offline', 'frozen'], slack: SLACK };
  const [spell] = ledger.spellsAt(presentedAt, Math.min(answeredAt ?? by, by), filter);
  return spell ? `its tab was ${spell.kind} when the provider's answer came` : null;
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

/** A clock that was set makes a good token look spent to a page that has not seen it arrive. */
function whyEarly({ generation, presentedAt, shift }, ledger) {
  const left = generation.issuedAt + generation.lifetime - presentedAt - shift;
  const wasSet = ledger.spellsAt(0, presentedAt, { kinds: ['clock'] }).length > 0;
  return wasSet && left < AHEAD ? 'the clock was set past its end' : null;
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

function whyUnanswered(call, ledger, ends) {
  const { life, begunAt, endedAt, outcome, visits } = call;
  const record = ledger.lives.get(life);
  if (!outcome) return record.endedAt ? `its tab was ${record.how}` : null;
  if (outcome.status === 401) return whyRefused(call, ledger);
  const { error } = outcome;
  const end = ends.find(({ at, until, cause }) => cause && at - SLACK <= endedAt && begunAt <= until);
  if (end && ['SignInRequiredError', 'SessionChangedError'].includes(error)) return 'the session had ended';
  const here = ledger.spellsAt(begunAt, endedAt, { life, kinds: ['offline'], slack: SLACK });
  if (error === 'TypeError') return here.length > 0 && 'offline';
  if (error !== 'RefreshUnavailableError') return null;
  return whyNoRefresh(ledger, begunAt, endedAt);
}

/** The latest refresh that failed for a reason by then. The pauses after it hold for all tabs. */
function whyNoRefresh(ledger, from, to) {
  const failed = ledger.refreshes.map((refresh) => ({
    at: refresh.arrivedAt, until: refresh.answeredAt ?? refresh.arrivedAt, what: whyFailed(refresh, ledger),
  }));
  const offline = ledger.spells.filter(({ kind }) => kind === 'offline')
    .map((spell) => ({ at: spell.from, until: spell.to, what: 'a tab was offline' }));
  const last = [...failed, ...offline].filter(({ at, until, what }) => what && at <= to && from <= until + AFTER)
    .sort((one, other) => one.at - other.at).at(-1);
  return last && `no refresh, ${last.what}`;
}

function whyFailed({ state, slowBy, life, arrivedAt, answeredAt }, ledger) {
  if (state === 'unavailable') return 'the provider answered 503';
  if (state === 'dropped') return 'it was lost with its tab or network';
  if (slowBy > REFRESH_TIMEOUT) return 'the provider took longer than refreshTimeout';
  const frozen = ledger.spellsAt(arrivedAt, answeredAt ?? arrivedAt, { life, kinds: ['frozen'], slack: SLACK });
  return frozen.length > 0 ? 'its tab was frozen' : null;
}

/** A request is sent at most twice, and not at all to find out that a token is refused that a refresh has just brought. */
function whyRefused(call, ledger) {
  if (isAged(call)) return 'the next expiry came while it was on its way';
  const isPaused = [...ledger.calls.values()].some((other) => other.life === call.life && other.outcome?.status === 401
    && isAged(other) && other.endedAt <= call.endedAt && call.begunAt <= other.endedAt + FUTILE);
  return isPaused && 'shortly after another one that the next expiry had met on its way';
}

/** Its last attempt carried a token that was issued after it had begun, and had expired already. */
function isAged({ visits, begunAt }) {
  const last = visits.at(-1);
  return Boolean(last?.generation) && !last.isAccepted && last.generation.issuedAt > begunAt;
}

function describeCall({ id, method, begunAt, endedAt, outcome, visits }) {
  const came = visits.map(({ generation, at, isAccepted }) => (
    `token ${generation?.number ?? 'none'} ${isAccepted ? 'accepted' : 'refused'} at ${clock(at)}`
  ));
  const end = outcome ? outcome.status ?? `${outcome.error}: ${outcome.message}` : 'never settled';
  return `call ${id} ${method ?? '(not told of)'}, ${clock(begunAt)} to ${clock(endedAt)}: ${end}; `
    + `${came.join(', ') || 'never came'}`;
}

function describeRefresh({ life, generation, arrivedAt, presentedAt, refusal, shift }, ledger) {
  const reused = refusal && generation?.grant;
  const before = reused
    ? `; granted before to tab ${reused.life} at ${clock(reused.presentedAt)}, answered ${clock(reused.answeredAt)}, `
      + `stored ${clock(reused.brought.storedAt)}, seen ${clock(reused.brought.seenAt)}`
    : '';
  return `tab ${life}, token ${generation?.number ?? 'unknown'}, arrived ${clock(arrivedAt)}, `
    + `presented ${clock(presentedAt)}, clock ${shift} ms: ${refusal ?? 'granted'}${before}`
    + describeStory(arrivedAt, ledger);
}

/** What had been done shortly before. */
function describeStory(to, { story }) {
  return story.filter(({ at }) => at <= to && at >= to - 20_000).map(({ at, name }) => `; ${clock(at)} ${name}`).join('');
}

function clock(time) {
  return time ? new Date(time).toISOString().slice(14, 23) : 'never';
}
