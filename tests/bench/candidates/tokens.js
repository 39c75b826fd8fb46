// The duties that every candidate has, apart from how its client takes them: where the tokens are, and how they are
// refreshed. What shares one refresh among the waiters is `refreshOnce`, for clients that have no means of their own.

const ACCESS = 'accessToken';
const REFRESH = 'refreshToken';

/** Returns the value of `Authorization`, read anew for each call: another tab may have changed it. */
export const bearer = () => `Bearer ${localStorage.getItem(ACCESS)}`;

/** Asks for new tokens and stores them. */
export async function refresh(fetch) {
  const response = await fetch('/refresh-token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refreshToken: localStorage.getItem(REFRESH) }),
  });
  if (!response.ok) throw new Error(`the refresh was answered ${response.status}`);
  const { accessToken, refreshToken } = await response.json();
  localStorage.setItem(REFRESH, refreshToken);
  localStorage.setItem(ACCESS, accessToken);
}

/** A function that refreshes, and hands everybody who asks meanwhile the same promise. */
export function refreshOnce(fetch) {
  let flight = null;
  return () => {
    flight ??= refresh(fetch).finally(() => { flight = null; });
    return flight;
  };
}
