// The same requests for each client, from one window or from two at once.

import { type Client, type Tokens } from './clients/client';
import { interceptor } from './clients/interceptor';
import { plain } from './clients/plain';
import { tokenflight } from './clients/tokenflight';

export const CLIENTS: Client[] = [plain, interceptor, tokenflight];

export const REQUESTS = 20;
// Not the shop's customer, whose cart would be emptied.
const USER = 'lovelace';
const TTL = 60;
const ADDRESS = { name: 'Ada Lovelace', street: '12 St James’s Square', city: 'London', country: 'United Kingdom' };
const ITEMS = [{ productId: 'mug', quantity: 2 }, { productId: 'lamp', quantity: 1 }];

interface Step { after: number; method: string; url: string; body?: object }

/** An order of three requests, what else the page asks for at the same time, and four requests that start a little later. */
function plan(): Step[] {
  const order = { id: crypto.randomUUID(), items: ITEMS, address: ADDRESS };
  const others = Array.from({ length: REQUESTS - 3 }, (_, index) => ({
    after: index < 13 ? 0 : 90 * (index - 12), method: 'GET', url: `/ping/${index + 1}`,
  }));
  return [
    { after: 0, method: 'POST', url: '/orders', body: order },
    { after: 0, method: 'PUT', url: '/address', body: ADDRESS },
    { after: 0, method: 'GET', url: '/cart' },
    ...others,
  ];
}

/** Begins a new session, whose access token the server no longer accepts. */
export async function signInWithExpiredToken(client: Client): Promise<string> {
  const { sid, ...tokens } = await post<Tokens & { sid: string }>('/sign-in', { user: USER, password: USER, ttl: TTL });
  await client.signIn(tokens);
  await post('/demo/expire', { sid });
  return sid;
}

/** Lets the token server fail for the session `sid`. */
export async function breakTokenServer(sid: string, seconds: number): Promise<void> {
  await post('/demo/outage', { sid, seconds });
}

/** Submits the order: says whether it has arrived, when all requests are answered. */
export async function submit({ recorder, send }: Client): Promise<boolean> {
  const sent = plan().map(async ({ after, method, url, body }) => {
    if (after > 0) await pause(after);
    return recorder.call(`${method} ${url}`, (headers) => send(method, url, headers, body));
  });
  const [order] = await Promise.allSettled(sent);
  return order?.status === 'fulfilled';
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

async function post<T>(url: string, body: object): Promise<T> {
  const response = await fetch(`/api${url}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (response.status === 204 ? undefined : response.json()) as Promise<T>;
}
