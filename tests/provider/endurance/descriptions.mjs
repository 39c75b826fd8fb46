// Calls and refreshes in words, for faults.

export function describeCall({ id, method, begunAt, endedAt, outcome, visits }) {
  const came = visits.map(({ generation, at, isAccepted }) => (
    `token ${generation?.number ?? 'none'} ${isAccepted ? 'accepted' : 'refused'} at ${clock(at)}`
  ));
  const end = outcome ? outcome.status ?? `${outcome.error}: ${outcome.message}` : 'never settled';
  return `call ${id} ${method ?? '(not told of)'}, ${clock(begunAt)} to ${clock(endedAt)}: ${end}; `
    + `${came.join(', ') || 'never came'}`;
}

export function describeRefresh({ life, generation, arrivedAt, presentedAt, refusal, shift }, ledger) {
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

export function clock(time) {
  return time ? new Date(time).toISOString().slice(14, 23) : 'never';
}
