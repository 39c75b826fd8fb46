// Keycloak with Revoke Refresh Token switched on for the realm: a refresh token is good for one use.
// https://www.keycloak.org/securing-apps/oidc-layers
// https://www.keycloak.org/docs/latest/server_admin/#_timeouts
// 400: org.keycloak.services.CorsErrorResponseException, org.keycloak.protocol.oidc.TokenManager
// https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/endpoints/TokenRevocationEndpoint.java

import { startProvider } from './provider.mjs';

const ISSUER = '/realms/shop';
const OIDC = `${ISSUER}/protocol/openid-connect`;

export const keycloak = (world) => startProvider({
  ...world,
  issuer: ISSUER,
  paths: { token: `${OIDC}/token`, revocation: `${OIDC}/revoke` },
  refuse(context) {
    context.body = { error: 'invalid_grant', error_description: 'Token is not active' };
  },
  // Keycloak documents no limit of its own: as a proxy before it answers.
  busy(context) {
    context.status = 503;
    context.body = '<!doctype html><title>503 Service Temporarily Unavailable</title>';
  },
});
