// ky, with its hooks: a 401 is repeated with the new token.

import ky from 'ky';

import { bearer, refreshOnce } from './tokens.js';

export const name = 'ky';
export const module = 'ky';

export function create({ fetch }) {
  const refresh = refreshOnce(fetch);
  const client = ky.create({
    fetch,
    timeout: false,
    retry: { limit: 1, statusCodes: [] },
    hooks: {
      beforeRequest: [({ request }) => request.headers.set('Authorization', bearer())],
      beforeRetry: [({ request }) => request.headers.set('Authorization', bearer())],
      afterResponse: [async ({ response, retryCount }) => {
        if (response.status !== 401 || retryCount > 0) return undefined;
        await refresh();
        return ky.retry({ delay: 0 });
      }],
    },
  });
  return { getJson: (url) => client.get(url).json() };
}
