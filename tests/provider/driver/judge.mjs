// The figures of one run, and what is to be said about each fault.

export function judge({ client, scenario, seed, tabs, shop, calls, disruptions, isSettled, began }) {
  const { generations, refreshes, orders } = shop;
  const used = refreshes.all.filter(({ usedBefore }) => usedBefore > 0);
  const unexplained = used.filter((refresh) => !isExplained(refresh, refreshes.all, calls));
  const lostOrders = calls.orders.filter((id) => orders.arrivals(id).length === 0);
  const doubled = calls.doubled((id) => orders.arrivals(id));
  return {
    client, scenario: scenario.name, seed, tabs: tabs.slots.length,
    expiries: generations.expiries,
    refreshes: refreshes.all.filter(({ answer }) => answer).length,
    refreshed: generations.ended, // tokens, where `refreshes` counts grants
    needless: generations.needless,
    used: used.length,
    unexplained: unexplained.length,
    revoked: shop.revoked,
    requests: calls.count,
    lost: calls.lost.length,
    aged: calls.aged.length,
    orders: calls.orders.length,
    doubled: doubled.length,
    thrown: tabs.thrown,
    seconds: Math.round((Date.now() - began) / 1000),
    disruptions: disruptions.counts,
    cutBefore: disruptions.cutBefore,
    isSettled,
    lostOrders: lostOrders.length,
    problems: [...disruptions.problems, ...tabs.problems, ...shop.errors.map(String)],
    details: [
      ...calls.lost.map((call) => describeCall(call, generations)),
      ...unexplained.map((refresh) => describeRefresh(refresh, refreshes.all)),
      ...lostOrders.map((id) => `order ${id} never arrived with a good token`),
      ...doubled.map((id) => `order ${id} arrived ${orders.arrivals(id).length} times`),
    ],
  };
}

/**
 * A refresh token may come a second time only where each earlier answer was cut off on its way: its page had ended,
 * or was offline, before it had stored it. Or where this presentation itself was still on its way when the driver
 * ended its page.
 */
function isExplained(refresh, all, calls) {
  const earlier = all.filter((other) => (
    other.generation === refresh.generation && other.answer && other !== refresh
    && other.presentedAt <= refresh.presentedAt
  ));
  return refresh.cutAt <= refresh.presentedAt || earlier.every((other) => wasCut(other, refresh.presentedAt, calls));
}

function wasCut({ arrivedAt, answeredAt, storedAt, brought, cutAt }, before, calls) {
  if (storedAt || brought?.seen) return false;
  return cutAt <= before || calls.wasOffline(arrivedAt, answeredAt ?? before);
}

function describeCall({ call, life, kind, cutBy, begunAt, endedAt, status, error, message }, generations) {
  if (cutBy) return `call ${call} (${kind}, tab ${life}): the client navigated away from it`;
  if (!endedAt) return `call ${call} (${kind}, tab ${life}): never settled`;
  const visits = generations.visits(call).map(({ generation, at, hasExpired }) => (
    `token ${generation.number}${hasExpired ? ', expired,' : ''} at ${clock(at)}`
  ));
  return `call ${call} (${kind}, tab ${life}): ${status ?? `${error}: ${message}`}; from ${clock(begunAt)} to `
    + `${clock(endedAt)}, arrived with ${visits.join(' and ') || 'nothing'}`;
}

function describeRefresh(refresh, all) {
  const others = all.filter((other) => other.generation === refresh.generation && other !== refresh);
  const one = ({ life, state, presentedAt, storedAt }) => (
    `tab ${life} ${state}, presented at ${clock(presentedAt)}${storedAt ? `, stored at ${clock(storedAt)}` : ''}`
  );
  return `refresh token ${refresh.generation.number} again: ${[refresh, ...others].map(one).join('; ')}`;
}

function clock(time) {
  return new Date(time).toISOString().slice(17, 23);
}
