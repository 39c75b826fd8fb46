// A whole session of a client, of which its tokens must leave nothing.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWT with claims that occur nowhere else. */
export function jwt(sub = `user-${randomBytes(9).toString('hex')}`) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub, name: `Ada ${randomBytes(9).toString('hex')}`, iat: now, exp: now + 600 };
  return { token: `${encoded({ alg: 'none' })}.${encoded(claims)}.${randomBytes(32).toString('base64url')}`, claims };
}

/** A token server and an api, as a `fetch`, for the tokens that `world` holds. */
const serverOf = (world) => async (url, init) => {
  const { tokens, sent } = world;
  if (String(url).endsWith('/refresh-token')) return Response.json({ accessToken: tokens[1], refreshToken: tokens[3], expiresIn: 600 });
  const value = new Headers(init?.headers).get('Authorization');
  sent.push(value.length);
  return new Response(null, { status: value.endsWith(tokens[0]) ? 401 : 200 });
};

/** Two access tokens of one user, and two refresh tokens. */
function makeTokens() {
  const first = jwt();
  const second = jwt(first.claims.sub);
  const claims = [first, second].flatMap((one) => [one.claims.sub, one.claims.name]);
  const payloads = [first, second].map(({ token }) => Buffer.from(token.split('.')[1], 'base64url').toString());
  return [[first.token, second.token, ...[1, 2].map(() => randomBytes(24).toString('base64url'))], [...claims, ...payloads]];
}

/** Signs in, sends, refreshes, and signs out. Nothing of the tests holds the tokens then, but in reverse. */
export async function wholeSession(createApi, options, beforeEnd = () => {}) {
  const [tokens, facts] = makeTokens();
  const world = { tokens, sent: [] };
  const api = createApi({ baseURL: 'https://api.example', fetch: serverOf(world), onSignedOut() {}, ...options });
  await api.signIn({ accessToken: tokens[0], refreshToken: tokens[2] });
  assert.equal((await api.fetch('/x')).status, 200);
  assert.equal((await api.fetch('/x')).status, 200);
  assert.equal(world.sent.length, 3);
  beforeEnd();
  await api.signOut();
  const reversed = [...tokens, ...facts].map((text) => [...text].reverse().join(''));
  tokens.length = 0;
  return { api, reversed };
}

/** Restores the texts that were kept in reverse so that they are not found themselves. */
export const straight = (reversed) => reversed.map((text) => [...text].reverse().join(''));
