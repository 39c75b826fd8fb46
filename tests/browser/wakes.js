// Reasons for a cool-down to end early (rule 3.8).

import { equal, rejection } from './expect.js';
import { during, pause } from './support.js';

/** In a cool-down of a minute. */
async function coolingDown({ signIn, RefreshUnavailableError }) {
  const session = await signIn({ refreshRetries: 0, coolDown: 60_000 });
  const { api, expire, faults, stats } = session;
  await expire();
  await faults({ status: 503 });
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  await pause(20);
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  equal((await stats()).refreshes, 1, 'refreshes');
  return session;
}

const WAKES = {
  online: () => dispatchEvent(new Event('online')),
  pageshow: () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  visibilitychange: () => document.dispatchEvent(new Event('visibilitychange')),
};

export async function the_network_and_the_user_end_it_when_they_are_back(world) {
  for (const [name, wake] of Object.entries(WAKES)) {
    const { api, create, stats } = await coolingDown(world);
    const other = create();
    await pause(5);
    wake();
    equal([(await api.fetch('/test/echo')).status, (await other.fetch('/test/echo')).status], [200, 200], name);
    equal((await stats()).refreshes, 2, `refreshes, ${name}`);
  }
}

export async function a_page_that_is_being_hidden_does_not_end_it(world) {
  const { api, stats } = await coolingDown(world);
  await during(document, 'hidden', { get: () => true }, async () => {
    WAKES.visibilitychange();
    await rejection(api.fetch('/test/echo'), world.RefreshUnavailableError);
  });
  await during(navigator, 'onLine', { get: () => false }, async () => {
    WAKES.visibilitychange();
    await rejection(api.fetch('/test/echo'), world.RefreshUnavailableError);
  });
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function the_network_ends_it_in_a_hidden_page_too(world) {
  const { api } = await coolingDown(world);
  await during(document, 'hidden', { get: () => true }, async () => {
    WAKES.online();
    equal((await api.fetch('/test/echo')).status, 200, 'the status');
  });
}

export async function what_it_ended_may_begin_anew({ signIn, RefreshUnavailableError }) {
  const { api, expire, faults, stats } = await signIn({ refreshRetries: 0, coolDown: 60_000 });
  await expire();
  await faults({ status: 503 }, { status: 503 });
  await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
  await pause(5);
  WAKES.online();
  for (const refreshes of [2, 2]) {
    await rejection(api.fetch('/test/echo'), RefreshUnavailableError);
    equal((await stats()).refreshes, refreshes, 'refreshes');
  }
}
