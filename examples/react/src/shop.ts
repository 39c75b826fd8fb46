// Everything that has to do with the session. The components know nothing of tokens.

import { createApi, HttpError, RefreshUnavailableError, SignInRequiredError } from 'tokenflight';

export interface Order { id: string; item: string }

export const api = createApi({
  baseURL: '/api',
  signOutURL: '/sign-out',
  onSignedOut: () => {}, // the app shows its form in place of a navigation
});

export async function signIn(user: string, password: string): Promise<void> {
  const { data } = await api.post<{ accessToken: string; refreshToken: string; expiresIn: number }>(
    '/sign-in', { user, password }, { auth: false },
  );
  await api.signIn(data);
}

export async function loadOrders(): Promise<Order[]> {
  return (await api.get<{ orders: Order[] }>('/orders')).data.orders;
}

export async function order(item: string): Promise<Order> {
  return (await api.post<Order>('/orders', { item })).data;
}

/** Lets the server take all access tokens back: the next request meets a 401. */
export async function takeTokensBack(): Promise<void> {
  await api.post('/expire', undefined, { auth: false });
}

export function explain(error: unknown): string {
  if (error instanceof SignInRequiredError) return 'Your session is over. Please sign in again.';
  if (error instanceof RefreshUnavailableError) return 'You are still signed in. Try again in a moment.';
  if (error instanceof HttpError) return error.status === 401 ? 'Wrong name or password.' : `The server answered ${error.status}.`;
  return 'The server cannot be reached.';
}
