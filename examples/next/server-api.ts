// The api of a page or route: it sends the token that the proxy has left, and never refreshes.

import { cookies } from 'next/headers';
import { createApi, SignInRequiredError } from 'tokenflight';

export async function serverApi() {
  const jar = await cookies();
  return createApi({
    baseURL: process.env.API_URL ?? 'http://localhost:4000',
    storage: { get: (name) => jar.get(name)?.value ?? null, set() {}, remove() {} },
    accessTokenKey: 'access_token',
    refresh() { throw new SignInRequiredError(); },
    onSignedOut() {},
  });
}
