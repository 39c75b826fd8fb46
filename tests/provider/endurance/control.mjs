// The line between the pages and this process: each page tells what has happened in it, and is told what to do. It has
// a port of its own, so that it takes none of the shop's connections away, and is not cut off with the shop.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const HEADERS = { 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-store', 'Content-Type': 'application/json' };

export async function startControl(ledger) {
  const orders = new Map(); // life ─► what it has to do
  const waiting = new Map(); // order ─► who waits until it is done
  let numbers = 0;
  const control = { shift: 0, isOver: false };

  const server = createServer(async (request, response) => {
    try {
      const { life, done = [], ...told } = JSON.parse(await text(request));
      if (ledger.lives.get(life)?.endedAt === null) ledger.heard(life, told);
      for (const { number, result } of done) waiting.get(number)?.(result);
      const now = orders.get(life) ?? [];
      orders.delete(life);
      response.writeHead(200, HEADERS).end(JSON.stringify({
        shift: control.shift, isOver: control.isOver, orders: now,
      }));
    } catch {
      response.destroy(); // a page that has ended in the middle of its report
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return Object.assign(control, {
    url: `http://127.0.0.1:${server.address().port}/`,
    /** Lets a page do something; resolves with its result, or null if it takes too long. */
    async order(life, type, options, ms = 5000) {
      const number = numbers += 1;
      orders.set(life, [...orders.get(life) ?? [], { number, type, ...options }]);
      let timer;
      const result = await new Promise((resolve) => {
        timer = setTimeout(() => resolve(null), ms);
        waiting.set(number, resolve);
      });
      clearTimeout(timer);
      waiting.delete(number);
      return result;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
}
