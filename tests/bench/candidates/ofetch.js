// ofetch, with its own repetition for the status 401.

import { createFetch } from 'ofetch';

import { bearer, refreshOnce } from './tokens.js';

export const name = 'ofetch';
export const module = 'ofetch';

export function create({ fetch }) {
  const refresh = refreshOnce(fetch);
  const client = createFetch({ fetch, Headers, AbortController }).create({
    retry: 1,
    retryStatusCodes: [401],
    onRequest({ options }) { options.headers.set('Authorization', bearer()); },
    onResponseError: ({ response }) => (response.status === 401 ? refresh() : undefined),
  });
  return { getJson: (url) => client(url) };
}
