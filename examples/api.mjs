// The API that the examples talk to, in memory: sign-in, refresh, sign-out, and orders. Access tokens live for 15 seconds,
// refresh tokens are good for one use. For a server of your own, see docs/servers.md.

import { randomUUID } from 'node:crypto';

const LIFETIME = 15_000;

/** By access token, and by refresh token. */
const access = new Map();
const refresh = new Map();
const orders = new Map();

/** An unsigned JWT: it tells whose it is and when it ends, and is accepted because it is known here. */
function accessToken(user) {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'none' }, { sub: user, jti: randomUUID(), iat: now, exp: now + LIFETIME / 1000 }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

function grant(user) {
  const tokens = { accessToken: accessToken(user), refreshToken: randomUUID(), expiresIn: LIFETIME / 1000 };
  access.set(tokens.accessToken, { user, until: Date.now() + LIFETIME });
  refresh.set(tokens.refreshToken, user);
  return tokens;
}

const ROUTES = {
  'POST /sign-in': ({ body }) => (body.user && body.password === body.user ? [200, grant(body.user)] : [401, {}]),
  'POST /refresh-token': ({ body }) => {
    const user = refresh.get(body.refreshToken);
    refresh.delete(body.refreshToken);
    return user ? [200, grant(user)] : [401, {}];
  },
  'POST /sign-out': ({ body }) => {
    refresh.delete(body.refreshToken);
    return [204];
  },
  // Revokes all access tokens, as a server may: the next request gets a 401.
  'POST /expire': () => {
    access.clear();
    return [204];
  },
};

const SIGNED_IN = {
  'GET /orders': ({ user }) => [200, { user, orders: orders.get(user) ?? [] }],
  'POST /orders': ({ user, body }) => {
    const order = { id: randomUUID(), item: body.item };
    orders.set(user, [...(orders.get(user) ?? []), order]);
    return [201, order];
  },
};

/** Answers requests below /api; others are the `next` one's. */
export async function api(request, response, next) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (!pathname.startsWith('/api/')) return next();
  const [status, body] = await answer(`${request.method} ${pathname.slice(4)}`, request);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

async function answer(route, request) {
  const body = await read(request);
  if (ROUTES[route]) return ROUTES[route]({ body });
  if (!SIGNED_IN[route]) return [404, {}];
  const known = access.get(request.headers.authorization?.replace('Bearer ', ''));
  return known && known.until > Date.now() ? SIGNED_IN[route]({ user: known.user, body }) : [401, {}];
}

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

/** Lets Vite's servers answer them. */
export const apiPlugin = {
  name: 'api',
  configureServer: ({ middlewares }) => void middlewares.use(api),
  configurePreviewServer: ({ middlewares }) => void middlewares.use(api),
};
