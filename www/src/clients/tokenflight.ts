import { createApi } from 'tokenflight';
import { now } from 'tokenflight/devtools';

import { Recorder } from '../recorder';
import { type Client } from './client';

const recorder = new Recorder();

const api = createApi({
  baseURL: '/api',
  fetch: recorder.fetch,
  // The shop has a session of its own, under the default keys.
  accessTokenKey: 'tokenflight.accessToken',
  refreshTokenKey: 'tokenflight.refreshToken',
  onSignedOut: () => recorder.tell({ type: 'signedOut', at: now() }),
});
api.on('tokenRefreshed', () => recorder.tokenRefreshed());

export const tokenflight: Client = {
  id: 'tokenflight',
  name: 'tokenflight',
  recorder,
  signIn: (tokens) => api.signIn(tokens),
  async send(method, url, headers, data) {
    return (await api.request({ method, url, headers, ...(data && { data }) })).data;
  },
};
