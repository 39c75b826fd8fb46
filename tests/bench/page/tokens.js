// Tokens as a real API has them: JWTs of 600 bytes that are good for an hour. No two are alike, since tokenflight
// keeps a record of what is spent.

const LENGTH = 600;
let minted = 0;

const base64url = (value) => btoa(JSON.stringify(value)).replace(/=+$/, '');

export function mint() {
  minted += 1;
  const now = Math.floor(Date.now() / 1000);
  const header = base64url({ alg: 'RS256', typ: 'JWT' });
  const payload = base64url({ sub: 'ada', iat: now, exp: now + 3600, jti: `${now}-${minted}` });
  const start = `${header}.${payload}.`;
  return start.padEnd(LENGTH, 'c2lnbmF0dXJl');
}

/** Stores what a user who is signed in has, and returns the access token. */
export function signIn() {
  const token = mint();
  localStorage.setItem('refreshToken', mint());
  localStorage.setItem('accessToken', token);
  return token;
}

/** The same with tokens of the server's. */
export async function signInAtServer() {
  const { accessToken, refreshToken } = await (await fetch('/sign-in', { method: 'POST' })).json();
  localStorage.setItem('refreshToken', refreshToken);
  localStorage.setItem('accessToken', accessToken);
}
