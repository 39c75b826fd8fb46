// wretch, with a middleware: the options are written anew for the repetition.

import wretch from 'wretch';

import { bearer, refreshOnce } from './tokens.js';

export const name = 'wretch';
export const module = 'wretch';

export function create({ fetch }) {
  const refresh = refreshOnce(fetch);
  const signed = (options) => ({ ...options, headers: { ...options.headers, Authorization: bearer() } });
  const client = wretch().fetchPolyfill(fetch).middlewares([
    (next) => async (url, options) => {
      const response = await next(url, signed(options));
      if (response.status !== 401) return response;
      await refresh();
      return next(url, signed(options));
    },
  ]);
  return { getJson: (url) => client.url(url).get().json() };
}
