// The interceptor that one finds in articles and in most code bases: a flag, a queue, one replay. It is written as well
// as that design goes: one refresh at a time, the queue is always emptied, nothing is replayed twice.

import axios, { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { now } from 'tokenflight/devtools';

import { Recorder } from '../recorder';
import { StoredTokens, type Client, type Tokens } from './client';

type Config = InternalAxiosRequestConfig & { isReplay?: boolean };

const tokens = new StoredTokens('interceptor');
const recorder = new Recorder();
// axios over fetch, so that the time line sees what it sends.
const transport = { baseURL: '/api', adapter: 'fetch', env: { fetch: recorder.fetch } };
const http = axios.create(transport);
const bare = axios.create(transport);

let isRefreshing = false;
let queue: { resolve: () => void; reject: (error: unknown) => void }[] = [];

http.interceptors.request.use((config) => {
  if (tokens.access) config.headers.set('Authorization', `Bearer ${tokens.access}`);
  return config;
});

http.interceptors.response.use((response) => response, async (error: AxiosError) => {
  const config = error.config as Config | undefined;
  if (error.response?.status !== 401 || !config || config.isReplay) throw error;
  config.isReplay = true;
  if (isRefreshing) await new Promise<void>((resolve, reject) => queue.push({ resolve, reject }));
  else await refreshForAll();
  return http(config);
});

async function refreshForAll(): Promise<void> {
  isRefreshing = true;
  try {
    if (!tokens.refresh) throw new Error('Nobody is signed in.');
    const { data } = await bare.post<Tokens>('/refresh-token', { refreshToken: tokens.refresh });
    tokens.set(data);
    for (const { resolve } of queue) resolve();
  } catch (error) {
    for (const { reject } of queue) reject(error);
    signOut();
    throw error;
  } finally {
    queue = [];
    isRefreshing = false;
  }
}

/** Where the article says `window.location.href = '/login'`. */
function signOut(): void {
  tokens.clear();
  recorder.tell({ type: 'signedOut', at: now() });
}

export const interceptor: Client = {
  id: 'interceptor',
  name: 'The usual interceptor',
  recorder,
  async signIn(fresh) {
    tokens.set(fresh);
  },
  async send(method, url, headers, body) {
    return (await http.request({ method, url, headers, data: body })).data;
  },
};
