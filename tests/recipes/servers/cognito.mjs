// Amazon Cognito's token endpoint, as an app client has it by default: without rotation, and so without a refresh token in
// the answer to a refresh.
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
// https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html

import { startProvider } from './provider.mjs';

export const cognito = (world) => startProvider({
  ...world,
  paths: { token: '/oauth2/token', revocation: '/oauth2/revoke' },
  rotates: false,
  refuse(context) {
    context.body = { error: 'invalid_grant' };
  },
  // Its user pools API calls this a 400: the harder case.
  busy(context) {
    context.status = 400;
    context.body = { __type: 'TooManyRequestsException', message: 'Rate exceeded' };
  },
});
