// Events in another document of the origin are noticed here (rule 4.4). A frame is such a document.

import { equal, rejection } from './expect.js';
import { pause, until } from './support.js';

/** Runs `act` with the `localStorage` of another document. */
async function inAnotherDocument(act) {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  try {
    return await act(frame.contentWindow.localStorage);
  } finally {
    frame.remove();
  }
}

/** As another tab does it: the refresh token goes first. */
function storeElsewhere({ refreshTokenKey, accessTokenKey }, access, refresh) {
  return inAnotherDocument(async (storage) => {
    for (const [key, token] of [[refreshTokenKey, refresh], [accessTokenKey, access]]) {
      if (token) storage.setItem(key, token);
      else storage.removeItem(key);
    }
    await pause(50);
  });
}

/** The tokens that a refresh brings, past the api. */
async function refreshElsewhere({ server, expire, refreshToken }) {
  await expire();
  const headers = { 'Content-Type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ refreshToken }) };
  return (await fetch(`${server}/api/refresh-token`, init)).json();
}

export async function a_refresh_is_heard_of_once({ signIn, server }) {
  for (const hasAsked of [true, false]) {
    const session = await signIn();
    const { api, keys, heard, events, stats } = session;
    if (hasAsked) await api.fetch('/test/echo');
    const tokens = await refreshElsewhere({ ...session, server });
    await storeElsewhere(keys, tokens.accessToken, tokens.refreshToken);
    await until(() => events.length > 0, 'the event');
    await pause(50);
    equal([heard(), events[0].accessToken], [['tokenRefreshed'], tokens.accessToken], `events; has asked: ${hasAsked}`);
    equal((await api.fetch('/test/echo')).status, 200, 'the status');
    const { refreshes, unauthorized } = await stats();
    equal([refreshes, unauthorized], [1, 0], 'refreshes and 401s');
  }
}

export async function a_sign_out_is_heard_of_once_and_leads_nowhere_until_a_request_needs_a_session(world) {
  const { api, create, keys, events, signedOut, stats } = await world.signIn();
  await api.fetch('/test/echo');
  await storeElsewhere(keys, null, null);
  await until(() => events.length > 0, 'the event');
  await pause(50);
  equal([events, signedOut], [[{ type: 'signedOut', reason: 'signOut' }], []], 'events and navigations');
  equal((await api.fetch('/test/open')).status, 200, 'what needs no session');
  equal(signedOut, [], 'navigations still');

  const errors = [];
  for (const one of [api, api, create()]) {
    errors.push(await rejection(one.fetch('/test/echo'), world.SignInRequiredError));
  }
  await pause(20);
  equal([errors[0] === errors[1], signedOut.length, events.length], [true, 1, 1], 'one error, navigations, events');
  equal((await stats()).refreshes, 0, 'refreshes');
}

export async function a_sign_out_is_heard_before_anything_was_asked({ signIn }) {
  const { keys, events } = await signIn();
  await storeElsewhere(keys, null, null);
  await until(() => events.length > 0, 'the event');
  equal(events, [{ type: 'signedOut', reason: 'signOut' }], 'events');
}

export async function a_sign_in_is_heard_of_once({ signIn }) {
  for (const user of ['ada', 'bob']) {
    const { api, keys, heard, signedOut } = await signIn();
    const next = await signIn({}, { user });
    await api.fetch('/test/echo');
    await storeElsewhere(keys, null, null);
    await until(() => heard().length > 0, 'the sign-out');
    await storeElsewhere(keys, next.accessToken, next.refreshToken);
    await until(() => heard().length > 1, 'the sign-in');
    await pause(50);
    equal([heard(), signedOut], [['signedOut', 'sessionChanged'], []], 'events and navigations');
    equal((await api.fetch('/test/echo')).status, 200, 'a request of the next session');
    equal((await next.attempts()).length, 1, 'attempts');
  }
}

export async function another_user_in_place_of_this_one_is_another_session({ signIn }) {
  const { api, keys, heard } = await signIn();
  const next = await signIn({}, { user: 'bob' });
  await api.fetch('/test/echo');
  await storeElsewhere(keys, next.accessToken, next.refreshToken);
  await until(() => heard().length > 0, 'the event');
  await pause(50);
  equal(heard(), ['sessionChanged'], 'events');
}

export async function a_storage_that_is_cleared_is_a_sign_out({ signIn }) {
  const { api, events } = await signIn();
  await api.fetch('/test/echo');
  await inAnotherDocument(async (storage) => {
    storage.clear();
    await pause(50);
  });
  await until(() => events.length > 0, 'the event');
  equal(events, [{ type: 'signedOut', reason: 'signOut' }], 'events');
}

export async function what_others_store_under_other_keys_is_no_concern({ signIn }) {
  const { api, keys, events } = await signIn();
  await api.fetch('/test/echo');
  await inAnotherDocument(async (storage) => {
    for (const key of [`${keys.accessTokenKey} `, 'accessToken', 'x']) {
      storage.setItem(key, 'other');
      storage.removeItem(key);
    }
    await pause(50);
  });
  equal(events, [], 'events');
}

export async function the_session_is_known_at_once_and_follows_other_tabs({ signIn, server }) {
  const session = await signIn();
  const { api, keys, accessToken, stats } = session;
  const told = [];
  const leave = api.subscribe((one) => told.push(one));
  const before = api.session;
  const { exp, sub } = before.claims;
  equal(before, { status: 'signedIn', subject: sub, claims: JSON.parse(atob(accessToken.split('.')[1])), expiresAt: exp * 1000 },
    'the session');
  equal([api.session === before, Object.isFrozen(before)], [true, true], 'the same frozen object');
  const tokens = await refreshElsewhere({ ...session, server });
  await storeElsewhere(keys, tokens.accessToken, tokens.refreshToken);
  await until(() => told.length === 1, 'the refresh was told');
  equal([told[0] === api.session, told[0] === before, told[0].subject], [true, false, sub], 'after the refresh');
  await storeElsewhere(keys, null, null);
  await until(() => told.length === 2, 'the sign-out was told');
  equal(api.session, { status: 'signedOut', subject: null, claims: null, expiresAt: null }, 'after the sign-out');
  leave();
  await storeElsewhere(keys, tokens.accessToken, tokens.refreshToken);
  equal([api.session.status, told.length], ['signedIn', 2], 'after leaving');
  equal((await stats()).refreshes, 1, 'refreshes: the one elsewhere');
}
