// Events and errors (rules 6.1 and 6.2).

import { check, equal, rejection, same, thrown } from './expect.js';
import { pause, until } from './support.js';

export async function token_refreshed_carries_the_new_token_after_the_flight({ signIn }) {
  const { api, expire, stored, events } = await signIn();
  await expire();
  const seen = [];
  api.on('tokenRefreshed', () => seen.push(stored().access));
  await api.fetch('/test/echo');
  await until(() => seen.length > 0, 'the event');
  equal(events, [{ type: 'tokenRefreshed', accessToken: stored().access }], 'events');
  equal(seen, [stored().access], 'what was stored when it came');
}

export async function every_api_of_the_session_hears_of_it({ signIn }) {
  const { api, create, expire } = await signIn();
  const other = create();
  let heard = 0;
  other.on('tokenRefreshed', () => { heard += 1; });
  await expire();
  await api.fetch('/test/echo');
  await until(() => heard > 0, 'the event');
  equal(heard, 1, 'how often');
}

export async function a_listener_may_call_the_api({ signIn }) {
  const { api, expire, stats } = await signIn();
  const answers = [];
  api.on('tokenRefreshed', async () => {
    answers.push((await api.fetch('/test/echo')).status);
    answers.push(typeof await api.getAccessToken());
  });
  api.on('signedOut', async () => answers.push((await api.fetch('/test/open')).status));
  await expire();
  await api.fetch('/test/echo');
  await until(() => answers.length === 2, 'the listener has its answers');
  await api.signOut();
  await until(() => answers.length === 3, 'the other listener has its answer');
  equal([answers, (await stats()).refreshes], [[200, 'string', 200], 1], 'answers and refreshes');
}

export async function a_listener_that_refreshes_again_ends_by_itself({ signIn }) {
  const { api, expire, stats } = await signIn();
  let rounds = 0;
  api.on('tokenRefreshed', () => { if ((rounds += 1) < 3) api.refresh(); });
  await expire();
  await api.fetch('/test/echo');
  await until(() => rounds === 3, 'three rounds');
  equal((await stats()).refreshes, 3, 'refreshes');
}

export async function a_listener_that_throws_disturbs_nobody({ signIn }) {
  const { api, expire } = await signIn();
  const error = new Error('own');
  const reported = [];
  const listener = (event) => { reported.push(event.error); event.preventDefault(); };
  addEventListener('error', listener);
  const heard = [];
  api.on('tokenRefreshed', () => { heard.push('first'); throw error; });
  api.on('tokenRefreshed', () => heard.push('second'));
  await expire();
  equal((await api.fetch('/test/echo')).status, 200, 'the status');
  await until(() => heard.length === 2, 'both have heard');
  removeEventListener('error', listener);
  same(reported[0], error, 'what the page is told of');
}

export async function a_removed_listener_hears_no_more({ signIn }) {
  const { api } = await signIn();
  const heard = [];
  const listener = () => heard.push(1);
  const [removeOne, removeTwo] = [api.on('tokenRefreshed', listener), api.on('tokenRefreshed', listener)];
  await api.refresh();
  await until(() => heard.length === 2, 'both have heard');
  removeOne();
  removeOne();
  await api.refresh();
  await until(() => heard.length === 3, 'one has heard');
  removeTwo();
  await api.refresh();
  await pause(20);
  equal(heard.length, 3, 'calls');
}

export async function a_listener_may_remove_itself_and_others({ signIn }) {
  const { api } = await signIn();
  const heard = [];
  const remove = api.on('tokenRefreshed', () => { heard.push('self'); remove(); removeNext(); });
  const removeNext = api.on('tokenRefreshed', () => heard.push('next'));
  await api.refresh();
  await until(() => heard.length > 0, 'the event');
  await api.refresh();
  await pause(20);
  equal(heard.filter((name) => name === 'self').length, 1, 'calls of the one that removes itself');
  check(heard.filter((name) => name === 'next').length <= 1, 'calls of the other');
}

export async function only_the_four_events_and_functions_are_taken({ signIn }) {
  const { api } = await signIn();
  for (const args of [[], ['tokenRefreshed'], ['tokenrefreshed', () => {}], ['tokenRefreshed', 'x'], [Symbol('x'), () => {}]]) {
    const error = thrown(() => api.on(...args));
    check(error instanceof TypeError && error.message.includes('tokenRefreshed'), `${error}`);
  }
}

export async function errors_are_errors_with_a_name_a_code_and_a_way_out({ signIn, ...classes }) {
  const { SignInRequiredError, RefreshUnavailableError, SessionChangedError, HttpError } = classes;
  const quick = { refreshRetries: 0, coolDown: 10 };
  const met = [];
  for (const faults of [[{ status: 401 }], [{ status: 503 }]]) {
    const session = await signIn(quick);
    await session.expire();
    await session.faults(...faults);
    met.push(await rejection(session.api.fetch('/test/echo')));
  }
  const { api, expire, faults } = await signIn(quick);
  await expire();
  await faults({ delay: 200 });
  const left = api.fetch('/test/echo');
  await pause(100);
  await api.signOut();
  met.push(await rejection(left));
  for (const [type, code] of [
    [SignInRequiredError, 'SIGN_IN_REQUIRED'],
    [RefreshUnavailableError, 'REFRESH_UNAVAILABLE'],
    [SessionChangedError, 'SESSION_CHANGED'],
  ]) {
    const error = met.shift();
    check(error instanceof type && error instanceof Error, `${error}`);
    equal([error.name, error.code, Object.keys(error)], [type.name, code, []], 'name, code and what would be listed');
    check(`${error}`.startsWith(`${type.name}: `) && error.message.endsWith('.') && error.stack.includes(type.name), `${error}`);
  }
  check(new HttpError('x', { status: 400, data: null, response: null }) instanceof Error, 'HttpError');
}
