// Navigation to the login page.

import { report } from './console.js';
import { callListener } from './listeners.js';

/** @import { Settings } from './types.js' */

/** In `sessionStorage`: when this tab was led to the login page, or, once that is known, where that has ended. */
const LED = 'tokenflight login';

/** In ms. A page that is asked for so soon afterwards is asked for by the login page, and not by the user. */
const AT_ONCE = 5000;

/**
 * Navigates to the login page, or calls the callback that replaces the navigation, when the code that runs now is
 * through.
 *
 * @param {Settings} settings
 * @param {'refused' | 'signOut'} reason
 * @returns {boolean} false where the page is not led away from
 */
export function goToLogin({ loginURL, returnTo, onSignedOut }, reason) {
  try {
    const go = onSignedOut ?? wayTo(loginURL, returnTo);
    if (go) queueMicrotask(() => callListener(go, { type: 'signedOut', reason }));
    return Boolean(go);
  } catch (error) {
    report(error);
    return true;
  }
}

/** Somebody has signed in: wherever login has led before, it leads anew. */
export function forgetLogin() {
  try {
    sessionStorage.removeItem(LED);
  } catch {
    // There is none.
  }
}

/**
 * Returns the function that navigates to the login page. Returns undefined if this page is that one, or if that one has
 * led to it.
 *
 * @param {string} loginURL
 * @param {string | undefined} returnTo the query parameter that carries the current path there
 */
function wayTo(loginURL, returnTo) {
  const { document, location } = globalThis;
  // A worker goes nowhere.
  if (!document || !location) return () => {};
  // A frame that has no URL of its own has its creator's.
  const here = new URL(location.protocol === 'about:' ? document.baseURI : location.href);
  const there = new URL(loginURL);
  const isElsewhere = here.origin !== there.origin;
  if (!isElsewhere && isAt(here, there) || hasLedTo(here)) return undefined;
  if (returnTo) {
    // A path that begins with two slashes would be read as another origin.
    const path = here.pathname.replace(/^\/+/, '/') + here.search + here.hash;
    addParameter(there, returnTo, isElsewhere ? here.href : path);
  }
  return () => location.assign(there.href);
}

/**
 * Tells if the page is the login page: by its path, a slash at the end aside, and by what the login page's URL has of
 * query and fragment. A fragment that is a route is compared in the same way.
 *
 * @param {URL} here
 * @param {URL} there
 */
function isAt(here, there) {
  return isWithin(here.pathname + here.search, there.pathname + there.search)
    && (!there.hash || isWithin(here.hash, there.hash));
}

/** @param {string} here @param {string} there */
function isWithin(here, there) {
  const [[path, query], [otherPath, otherQuery]] = [here, there].map(split);
  const has = new URLSearchParams(query);
  return path.replace(/\/+$/, '') === otherPath.replace(/\/+$/, '')
    && [...new URLSearchParams(otherQuery)].every(([name, value]) => has.getAll(name).includes(value));
}

/**
 * Splits a path, or a route in a fragment, off its query.
 *
 * @param {string} text
 */
function split(text) {
  const [path] = text.split('?', 1);
  return [path, text.slice(path.length + 1)];
}

/**
 * Sets a parameter: in the query of the route, where the fragment is one.
 *
 * @param {URL} url
 * @param {string} name
 * @param {string} value
 */
function addParameter(url, name, value) {
  if (!/^#!?\//.test(url.hash)) return url.searchParams.set(name, value);
  const [route, query] = split(url.hash);
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  url.hash = `${route}?${parameters}`;
}

/**
 * Tells if the login page itself has led to this page, by redirects on the server or in scripts. Leading away from it
 * again would go on for ever.
 *
 * @param {URL} here
 */
function hasLedTo({ pathname, hash }) {
  const place = pathname + split(hash)[0];
  try {
    const led = sessionStorage.getItem(LED);
    const isEnd = led === place || Boolean(led) && hasArrivedSince(Number(led), pathname);
    sessionStorage.setItem(LED, isEnd ? place : `${Date.now()}`);
    return isEnd;
  } catch {
    // Without a storage nothing is known.
    return false;
  }
}

/**
 * Tells if this document is the end of a navigation to the login page.
 *
 * @param {number} led when that began, in ms since 1970
 * @param {string} pathname
 */
function hasArrivedSince(led, pathname) {
  const [{ name, type, redirectCount }] = /** @type {PerformanceNavigationTiming[]} */ (
    performance.getEntriesByType('navigation')
  );
  const wait = Date.now() - performance.now() - led;
  // Clocks are rounded.
  const isSoon = wait > -20 && wait < AT_ONCE;
  // A URL that the user has typed, or gone back to, has neither.
  const isLed = type === 'navigate' && Boolean(redirectCount || document.referrer);
  // A router may have redirected it, but so may the user.
  return isSoon && isLed && (new URL(name).pathname === pathname || !navigator.userActivation?.hasBeenActive);
}
