// Telling the server that a session has been signed out.

import { whileRunning } from './clock.js';
import { warn } from './console.js';
import { attachXsrf } from './cookie.js';
import { tokenBody } from './refresher.js';

/** @import { Settings, Transport } from './types.js' */

/**
 * Tells the server, when the code that runs now is through. It does not fail and takes no longer than a refresh: here
 * the session is over whatever the answer.
 *
 * @param {Settings} settings
 * @param {Transport} transport
 * @param {string | null} accessToken
 * @param {string | null} refreshToken
 */
export async function tellSignOut(settings, transport, accessToken, refreshToken) {
  const { signOutURL, refresh, refreshTimeout, header, credentials, tokenNames } = settings;
  await undefined;
  /** @param {string} url @param {Headers} headers @param {any} body */
  const send = (url, headers, body) => transport.call(url, {
    method: 'POST',
    headers,
    body,
    credentials,
    // The page may go away now.
    keepalive: true,
    // The tokens are not to be taken to another place.
    redirect: 'manual',
  }).then((response) => response.body?.cancel());
  const sent = [];
  const { revocationEndpoint = '', clientId = '' } = typeof refresh === 'object' ? refresh : {};
  const token = refreshToken ?? accessToken;
  if (revocationEndpoint && token) {
    // RFC 7009 §2.1.
    const hint = refreshToken ? 'refresh_token' : 'access_token';
    const form = { token, token_type_hint: hint, client_id: clientId };
    sent.push(send(revocationEndpoint, new Headers(), new URLSearchParams(form)));
  }
  if (signOutURL && transport.origins.isAllowed(signOutURL)) {
    const headers = new Headers(settings.headers);
    attachXsrf(headers, settings);
    const value = accessToken && transport.signatureOf(accessToken);
    if (value) headers.set(header, value);
    if (refreshToken) headers.set('Content-Type', 'application/json');
    sent.push(send(signOutURL, headers, tokenBody(refreshToken, tokenNames)));
  } else if (signOutURL) {
    warn('tokenflight: signOutURL is of an origin that the token may not go to, and was not told; see allowedOrigins.');
  }
  await whileRunning(Promise.allSettled(sent), refreshTimeout).catch(() => {});
}
