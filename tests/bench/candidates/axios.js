// axios, with axios-auth-refresh for the 401. Its adapter for fetch where there is a stub; else the one it has by
// default, which is XMLHttpRequest.

import axios from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';

import { bearer, refresh } from './tokens.js';

export const name = 'axios + auth-refresh';
export const module = 'axios';

export function create({ fetch, stubbed }) {
  const client = axios.create(stubbed ? { adapter: 'fetch', env: { fetch } } : {});
  client.interceptors.request.use((config) => {
    config.headers.Authorization = bearer();
    return config;
  });
  // Its default rejects all who meet a 401 while the refresh is under way. This way they share it.
  createAuthRefresh(client, () => refresh(fetch), { deduplicateRefresh: false });
  return { getJson: async (url) => (await client.get(url)).data };
}
