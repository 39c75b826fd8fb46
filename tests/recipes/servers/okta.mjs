// Okta's authorization server `default`, for a single-page app: rotation with a grace period.
// https://developer.okta.com/docs/guides/refresh-tokens/main/
// https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/CustomAS/
// 400: https://support.okta.com/help/s/article/okta-refresh-token-invalid-or-expired-error-error-invalid-grant-error-description-the-refresh-token-is-invalid-or-expired
// 429: https://developer.okta.com/docs/reference/rate-limits/

import { startProvider } from './provider.mjs';

const ISSUER = '/oauth2/default';

export const okta = (world) => startProvider({
  ...world,
  issuer: ISSUER,
  paths: { token: `${ISSUER}/v1/token`, revocation: `${ISSUER}/v1/revoke` },
  grace: 5000,
  refuse(context) {
    context.body = { error: 'invalid_grant', error_description: 'The refresh token is invalid or expired.' };
  },
  busy(context) {
    context.status = 429;
    context.set('X-Rate-Limit-Reset', String(Math.floor(Date.now() / 1000) + 1));
    context.body = { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit due to too many requests.' };
  },
});
