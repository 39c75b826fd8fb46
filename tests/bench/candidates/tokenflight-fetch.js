// tokenflight where the caller reads the response, as with fetch.

import { createApi } from 'tokenflight';

export const name = 'tokenflight fetch';
export const module = 'tokenflight';

export function create({ fetch }) {
  const api = createApi({ fetch });
  return { getJson: async (url) => (await api.fetch(url)).json() };
}
