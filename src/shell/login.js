// Navigation to the login page.

import { report } from './console.js';

/** @import { Settings } from './types.js' */

/**
 * Navigates to the login page, unless this page is it; or calls the callback that replaces the navigation.
 *
 * @param {Settings} settings
 * @param {'refused' | 'signOut'} reason
 */
export function goToLogin({ loginURL, returnTo, onSignedOut }, reason) {
  try {
    if (onSignedOut) onSignedOut({ type: 'signedOut', reason });
    else if (globalThis.document && globalThis.location) navigate(loginURL, returnTo);
  } catch (error) {
    report(error);
  }
}

/**
 * @param {string} loginURL
 * @param {string | undefined} returnTo the query parameter that carries the current path there
 */
function navigate(loginURL, returnTo) {
  const here = new URL(location.href);
  const there = new URL(loginURL);
  if (here.origin === there.origin && here.pathname === there.pathname) return;
  if (returnTo) there.searchParams.set(returnTo, here.pathname + here.search + here.hash);
  location.assign(there.href);
}
