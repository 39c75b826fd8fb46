// The browser's api. Its tokens are in HttpOnly cookies, which no script reads.

import { createApi } from 'tokenflight';

export const api = createApi({
  baseURL: '/api',
  session: 'cookie',
  signOutURL: '/sign-out',
  onSignedOut: () => {}, // the page shows its form in place of a navigation
});
