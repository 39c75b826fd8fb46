// The storage of a browser that is signed in.

import { withDefaults } from './options.js';

const DEFAULTS = {
  origin: undefined, accessToken: undefined, refreshToken: undefined,
  accessTokenKey: 'accessToken', refreshTokenKey: 'refreshToken',
};

export function signedInState(options) {
  const { origin, accessToken, refreshToken, accessTokenKey, refreshTokenKey } = withDefaults('signedInState', options, DEFAULTS);
  if (typeof accessToken !== 'string' || !URL.canParse(origin)) {
    throw new TypeError("signedInState: expected { origin: 'http://localhost:3000', accessToken: '…', refreshToken: '…' }.");
  }
  const localStorage = [{ name: accessTokenKey, value: accessToken }];
  if (refreshToken) localStorage.unshift({ name: refreshTokenKey, value: refreshToken });
  return { cookies: [], origins: [{ origin: new URL(origin).origin, localStorage }] };
}
