// alova, with its own interceptor for tokens. Its cache and its sharing of equal requests are off: every call is sent.

import { createAlova } from 'alova';
import { createServerTokenAuthentication } from 'alova/client';
import adapterFetch from 'alova/fetch';

import { bearer, refresh } from './tokens.js';

export const name = 'alova';
export const module = 'alova';

export function create({ fetch }) {
  const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
    assignToken(method) { method.config.headers.Authorization = bearer(); },
    refreshTokenOnSuccess: { // what has a response counts as a success
      isExpired: (response) => response.status === 401,
      handler: () => refresh(fetch),
    },
  });
  const client = createAlova({
    requestAdapter: adapterFetch({ customFetch: fetch }),
    cacheFor: null,
    shareRequest: false,
    beforeRequest: onAuthRequired(),
    responded: onResponseRefreshToken((response) => response.json()),
  });
  return { getJson: (url) => client.Get(url).send() };
}
