// A user's work in one tab: requests and orders, with pauses. `tell` is the driver in Node.

import { seeded } from '/shop/modules/random.js';

const [, , , client, life] = location.pathname.split('/');
const { seed, orders } = await tell({ type: 'born', life });
const { send } = await import(`/shop/modules/client-${client}.js`);
const random = seeded(seed, `tab ${life}`);
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
let underWay = 0;

/** One call, told to the driver before it begins and when it has settled. False: the driver wants no more. */
async function call(kind, order) {
  const begun = await tell({ type: 'begin', life, kind, order });
  if (!begun) return false;
  const body = order && { id: order };
  const url = `/shop/${order ? 'orders' : 'resource'}?call=${begun.call}`;
  const outcome = await send(order ? 'POST' : 'GET', url, body).then(
    (status) => ({ status }),
    (error) => ({ error: error?.name ?? 'nothing', message: `${error?.code ?? ''} ${error?.message ?? error}` }),
  );
  await tell({ type: 'end', call: begun.call, ...outcome });
  return outcome;
}

/** An order is tried until it has gone through, always with the same id. */
async function order(id) {
  for (;;) {
    const outcome = await call('order', id);
    if (!outcome || (outcome.status >= 200 && outcome.status <= 299)) return outcome;
    await pause(random.between(200, 500));
  }
}

async function one() {
  underWay += 1;
  const isOrder = random.chance(0.4);
  await (isOrder ? tell({ type: 'order', life }).then((id) => id && order(id)) : call('resource'));
  underWay -= 1;
}

/** Every other pause ends with a full second: that is when the provider's tokens end, and tabs meet. */
function untilNext() {
  if (random.chance(0.5)) return random.between(300, 1800);
  return 1000 - (Date.now() % 1000) + random.between(0, 90);
}

for (const id of orders) order(id); // what this tab's last life had not brought to an end
await tell({ type: 'ready', life });
while (await tell({ type: 'more' })) {
  for (let left = random.between(1, 2); left > 0 && underWay < 8; left -= 1) one();
  await pause(untilNext());
}
await call('last');
