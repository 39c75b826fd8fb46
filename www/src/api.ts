import { createApi } from 'tokenflight';

import { Recorder } from './recorder';

export const recorder = new Recorder('demo.timeline');

export const api = createApi({
  baseURL: '/api',
  refreshURL: '/refresh-token',
  returnTo: 'returnTo',
  fetch: recorder.fetch,
});
api.on('tokenRefreshed', () => recorder.tokenRefreshed());

export interface Product { id: string; name: string; detail: string; cents: number }
export interface Line { productId: string; quantity: number }
export interface Cart { items: Line[]; cents: number }
export interface Address { name: string; street: string; city: string; country: string }
export interface Order {
  id: string;
  arrivals: number;
  placedAt: string;
  cents: number;
  items: Line[];
  address: Address | null;
}

export async function get<T>(url: string): Promise<T> {
  return recorder.call(`GET ${url}`, async (headers) => (await api.get<T>(url, { headers })).data);
}

export async function put<T>(url: string, body: object): Promise<T> {
  return recorder.call(`PUT ${url}`, async (headers) => (await api.put<T>(url, body, { headers })).data);
}

export async function post<T>(url: string, body: object): Promise<T> {
  return recorder.call(`POST ${url}`, async (headers) => (await api.post<T>(url, body, { headers })).data);
}

/** As cheap as a signed-in request can be. */
export async function ping(n: number): Promise<number> {
  const url = `/ping/${n}`;
  const response = await recorder.call(`GET ${url}`, (headers) => api.fetch(url, { headers }));
  return response.status;
}
