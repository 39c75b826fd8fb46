import { api } from './api';

interface Claims { sub: string; sid: string; until: number }

/** The demo looks where the library keeps the token, to show its life; the library itself does not mind. */
export function storedToken(): string | null {
  return localStorage.getItem('accessToken');
}

/** Returns the claims of the stored access token, or `null` when nobody is signed in. */
export function claims(): Claims | null {
  const [, payload] = storedToken()?.split('.') ?? [];
  if (!payload) return null;
  try {
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as Claims;
  } catch {
    return null;
  }
}

/** @returns what is wrong, or `null` */
export async function signIn(user: string, password: string, ttl: number): Promise<string | null> {
  const response = await api.fetch('/sign-in', {
    auth: false,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password, ttl }),
  });
  if (response.status === 401) return 'Wrong name or password.';
  if (!response.ok) return `The server answered ${response.status}.`;
  const { accessToken, refreshToken } = await response.json() as { accessToken: string; refreshToken: string };
  await api.signIn({ accessToken, refreshToken });
  return null;
}

/** Ends the session here even when the server cannot be told. */
export async function signOut(): Promise<void> {
  const refreshToken = localStorage.getItem('refreshToken');
  try {
    await api.fetch('/sign-out', {
      auth: false,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
    });
  } finally {
    await api.signOut();
  }
}

/** Throws one of the server's switches for this session. Not through the api: it must not need a good token. */
export async function throwSwitch(name: 'expire' | 'revoke' | 'outage', more: object = {}): Promise<void> {
  const response = await fetch(`/api/demo/${name}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ sid: claims()?.sid ?? '', ...more }),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
}
