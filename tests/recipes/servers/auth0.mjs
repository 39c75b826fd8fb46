// Auth0 with Refresh Token Rotation and an overlap period.
// https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation
// https://auth0.com/docs/secure/tokens/refresh-tokens/revoke-refresh-tokens
// 403: https://community.auth0.com/t/120406
// 429: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy

import { startProvider } from './provider.mjs';

export const auth0 = (world) => startProvider({
  ...world,
  paths: { token: '/oauth/token', revocation: '/oauth/revoke' },
  grace: 5000,
  refuse(context) {
    context.status = 403;
    context.body = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' };
  },
  busy(context) {
    context.status = 429;
    context.body = { error: 'too_many_requests', error_description: 'Global limit has been reached' };
  },
});
