// A client as written by hand: the token from localStorage, on a 401 one refresh for all, then one replay.

import { bearer, refreshOnce } from './tokens.js';

export const name = 'hand-written';

export function create({ fetch }) {
  const refresh = refreshOnce(fetch);

  function send(url, init) {
    const headers = new Headers(init?.headers);
    headers.set('Authorization', bearer());
    return fetch(url, { ...init, headers });
  }

  async function signedIn(url, init) {
    const response = await send(url, init);
    if (response.status !== 401) return response;
    await refresh();
    return send(url, init);
  }

  return { getJson: async (url) => (await signedIn(url)).json() };
}
