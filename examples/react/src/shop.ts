// Everything that has to do with the session. The components know nothing of tokens.

import { createApi, HttpError, RefreshUnavailableError, SignInRequiredError } from 'tokenflight';

export interface Order { id: string; item: string }

export const api = createApi({
  baseURL: '/api',
  signOutURL: '/sign-out',
  onSignedOut: () => {}, // the app shows its form in place of a navigation
});

/** Calls `listener` when the session is over, also when another tab has ended it. */
export function onSignedOut(listener: () => void): () => void {
  return api.subscribe(({ status }) => status === 'signedOut' && listener());
}

export async function signIn(user: string, password: string): Promise<void> {
  const { data } = await api.post<{ accessToken: string; refreshToken: string; expiresIn: number }>(
    '/sign-in', { user, password }, { auth: false },
  );
  await api.signIn(data);
}

/** The orders, or `null` when nobody is signed in. */
export async function loadOrders(): Promise<Order[] | null> {
  const response = await api.fetch('/orders', { auth: 'optional' });
  if (response.status === 401) return null;
  return ((await response.json()) as { orders: Order[] }).orders;
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
