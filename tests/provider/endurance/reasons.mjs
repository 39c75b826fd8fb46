// Reasons for what is not as it is on a good day, as far as no client can help it. Each function returns one in words, or
// something falsy where there is none.

import { REFRESH_TIMEOUT, SLACK } from './times.mjs';

const AFTER = 15_000; // the pauses after an outage, which all tabs keep, double
const AHEAD = 31_000; // how long before its end a token is refreshed
const FUTILE = 2000; // how long a 401 for a token is given back whose refresh did not help

/** Who had been granted with the refresh token of a refresh that was refused. */
export function grantBefore({ generation }) {
  return generation?.grant ?? null;
}

/** Why what this grant brought never got into the storage, as far as no client can help it. */
export function lossOf(grant, by, ledger) {
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

/** A clock that was set makes a good token look spent to a page that has not seen it arrive. */
export function whyEarly({ generation, presentedAt, shift }, ledger) {
  const left = generation.issuedAt + generation.lifetime - presentedAt - shift;
  const wasSet = ledger.spellsAt(0, presentedAt, { kinds: ['clock'] }).length > 0;
  return wasSet && left < AHEAD ? 'the clock was set past its end' : null;
}

/** Why a call did not get a 200. */
export function whyUnanswered(call, ledger, ends) {
  const { life, begunAt, endedAt, outcome } = call;
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

/** A request is sent at most twice, and a token that a refresh has just brought in vain is not refreshed for a while. */
function whyRefused(call, ledger) {
  if (isAged(call)) return 'the next expiry came while it was on its way';
  const isPaused = [...ledger.calls.values()].some((other) => other.life === call.life && other.outcome?.status === 401
    && isAged(other) && other.endedAt <= call.endedAt && call.begunAt <= other.endedAt + FUTILE);
  return isPaused && 'shortly after another one that the next expiry had met on its way';
}

/** Its last attempt carried a token that was issued after it had begun, or after its first one's, and had expired already. */
function isAged({ visits, begunAt }) {
  const [first, last] = [visits[0], visits.at(-1)];
  if (!last?.generation || last.isAccepted || visits.length > 2) return false;
  return last.generation.issuedAt > begunAt || last.generation.number > (first.generation?.number ?? Infinity);
}
