// The demo's API as a service worker, for a site without a server: the sessions and the shop of www/server.

import { Sessions } from '../server/sessions.js';
import { Shop } from '../server/shop.js';

// As a browser does it with one host over HTTP/1.1, and as slow as a near server.
const AT_ONCE = 6;
const LATENCY = 80;

const encode = (/** @type {object} */ value) => (
  btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
);
const decode = (/** @type {string} */ token) => (
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
);

/** Tokens without a signature: nobody has to be kept out of one's own browser. */
const tokens = {
  sign: (/** @type {object} */ claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`,
  verify: decode,
  decode,
};

const sessions = new Sessions(/** @type {any} */ (tokens));
const shop = new Shop();

/** @typedef {{ body: any, session: import('../server/sessions.js').Session }} Asked */
/** @type {Record<string, (asked: Asked) => [status: number, body?: object | null]>} */
const OPEN = {
  'POST /sign-in': ({ body }) => {
    if (!sessions.accepts(body.user, body.password)) return [401, { error: 'wrong_password' }];
    const { session, tokens: given } = sessions.begin(body.user, { ttl: body.ttl });
    return [200, { ...given, sid: session.sid }];
  },
  'POST /refresh-token': ({ body }) => {
    const session = sessions.findByRefreshToken(body?.refreshToken);
    if (session && session.outageUntil > Date.now()) return [503, { error: 'temporarily_unavailable' }];
    const given = sessions.rotate(session, body?.refreshToken);
    return given ? [200, given] : [401, { error: 'invalid_grant' }];
  },
  'POST /demo/expire': ({ body }) => onSession(body, (session) => sessions.expire(session)),
  'POST /demo/outage': ({ body }) => onSession(body, (session) => {
    session.outageUntil = Date.now() + body.seconds * 1000;
  }),
};

/** @type {typeof OPEN} */
const GUARDED = {
  'GET /ping': () => [200, {}],
  'GET /cart': ({ session }) => [200, shop.cart(session.user)],
  'PUT /address': ({ session, body }) => [200, shop.saveAddress(session.user, body)],
  'POST /orders': ({ session, body }) => [201, shop.order(session.user, body)],
};

/**
 * @param {{ sid: string }} body
 * @param {(session: import('../server/sessions.js').Session) => void} act
 * @returns {[number, object?]}
 */
function onSession({ sid }, act) {
  const session = sessions.find(sid);
  if (!session) return [404, { error: 'no_such_session' }];
  act(session);
  return [204];
}

let underWay = 0;
/** @type {(() => void)[]} */
const queue = [];

/** @param {Request} request */
async function answer(request) {
  if (underWay >= AT_ONCE) await new Promise((resolve) => { queue.push(() => resolve(undefined)); });
  underWay += 1;
  try {
    await new Promise((resolve) => { setTimeout(resolve, LATENCY); });
    const [status, body] = await respond(request);
    return body ? Response.json(body, { status }) : new Response(null, { status });
  } finally {
    underWay -= 1;
    queue.shift()?.();
  }
}

/**
 * @param {Request} request
 * @returns {Promise<[status: number, body?: object | null]>}
 */
async function respond(request) {
  const path = new URL(request.url).pathname.replace(/^\/api/, '').replace(/^(\/ping)\/.*/, '$1');
  const body = request.method === 'GET' ? null : await request.json().catch(() => null);
  const open = OPEN[`${request.method} ${path}`];
  if (open) return open({ body, session: /** @type {any} */ (null) });
  const [, token] = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
  const session = sessions.check(token);
  if ('error' in session) return [401, session];
  return GUARDED[`${request.method} ${path}`]?.({ body, session }) ?? [404, { error: 'not_found' }];
}

const scope = /** @type {any} */ (self);
scope.addEventListener('install', () => scope.skipWaiting());
scope.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (/** @type {any} */ event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin === location.origin && pathname.startsWith('/api/')) event.respondWith(answer(event.request));
});
