// tokenflight where it parses the answer, as axios and its like do.

import { createApi } from 'tokenflight';

export const name = 'tokenflight get';
export const module = 'tokenflight';

export function create({ fetch }) {
  const api = createApi({ fetch });
  return { getJson: async (url) => (await api.get(url)).data };
}
