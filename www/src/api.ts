import { createApi } from 'tokenflight';

export const api = createApi({
  baseURL: '/api',
  refreshURL: '/refresh-token',
  returnTo: 'returnTo',
});

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
  return (await api.get<T>(url)).data;
}

export async function put<T>(url: string, body: object): Promise<T> {
  return (await api.put<T>(url, body)).data;
}

export async function post<T>(url: string, body: object): Promise<T> {
  return (await api.post<T>(url, body)).data;
}

/** As cheap as a signed-in request can be. */
export async function ping(n: number): Promise<number> {
  return (await api.fetch(`/ping/${n}`)).status;
}
