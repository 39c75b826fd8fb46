// openapi-fetch, with a middleware: the 401 is answered by a second request made from the first one.

import createClient from 'openapi-fetch';

import { bearer, refreshOnce } from './tokens.js';

export const name = 'openapi-fetch';
export const module = 'openapi-fetch';

export function create({ fetch }) {
  const refresh = refreshOnce(fetch);
  const client = createClient({ fetch });
  client.use({
    onRequest({ request }) { request.headers.set('Authorization', bearer()); },
    async onResponse({ request, response }) {
      if (response.status !== 401) return undefined;
      await refresh();
      const again = new Request(request);
      again.headers.set('Authorization', bearer());
      return fetch(again);
    },
  });
  return { getJson: async (url) => (await client.GET(url)).data };
}
