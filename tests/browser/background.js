// Refreshing in the background (rule 5.2).

import { check, equal } from './expect.js';
import { loadPage, tokenServer } from './mint.js';
import { during, pause, until } from './support.js';

/** The page is hidden, or offline, while `act` runs; it is told of it before and afterwards. */
async function whileHidden(act) {
  const tell = () => document.dispatchEvent(new Event('visibilitychange'));
  await during(document, 'hidden', { get: () => true }, async () => {
    tell();
    await act();
  });
  tell();
}

async function whileOffline(act) {
  await during(navigator, 'onLine', { get: () => false }, async () => {
    dispatchEvent(new Event('offline'));
    await act();
  });
  dispatchEvent(new Event('online'));
}

export async function it_refreshes_although_nobody_asks({ createApi }) {
  const server = tokenServer({ ttl: 0.8 });
  const { heard, api } = loadPage(createApi, server, server.mint(), { autoRefresh: true });
  await until(() => server.counts.refreshes >= 3, 'the third refresh');
  const { status } = await api.fetch('/echo');
  equal([status, server.counts.unauthorized], [200, 0], 'the status, and 401s');
  equal(heard.slice(0, 2), ['tokenRefreshed', 'tokenRefreshed'], 'events');
  await api.signOut();
  await pause(50);
  const before = server.counts.refreshes;
  await pause(1500);
  equal(server.counts.refreshes, before, 'refreshes after signing out');
}

export async function it_begins_with_the_session({ createApi }) {
  const server = tokenServer({ ttl: 0.8, opaque: true });
  const { api } = loadPage(createApi, server, '', { autoRefresh: true });
  await pause(300);
  equal(server.counts.refreshes, 0, 'refreshes without a session');
  await api.signIn({ accessToken: server.mint(), refreshToken: 'first', expiresIn: 0.8 });
  await until(() => server.counts.refreshes >= 2, 'the second refresh');
  await api.signOut();
}

export async function without_the_option_nothing_happens({ createApi }) {
  const server = tokenServer({ ttl: 0.4 });
  const { api } = loadPage(createApi, server, server.mint());
  await api.fetch('/echo');
  await pause(1000);
  equal(server.counts.refreshes, 0, 'refreshes');
}

export async function a_hidden_page_and_one_without_a_network_wait_and_catch_up({ createApi }) {
  for (const away of [whileHidden, whileOffline]) {
    const server = tokenServer({ ttl: 0.8 });
    const { api } = loadPage(createApi, server, server.mint(), { autoRefresh: true });
    await away(async () => {
      await pause(50);
      const before = server.counts.refreshes;
      await pause(1600);
      equal(server.counts.refreshes, before, `refreshes, ${away.name}`);
      server.counts.refreshes = 0;
    });
    await until(() => server.counts.refreshes > 0, `it is caught up on, ${away.name}`, 400);
    await api.signOut();
  }
}

export async function a_lifetime_beyond_what_timers_can_wait_for_does_not_end_early({ createApi }) {
  const waits = [];
  const { setTimeout: platform } = globalThis;
  const watched = (act, ms, ...more) => {
    waits.push(ms);
    return platform(act, ms, ...more);
  };
  const server = tokenServer({ ttl: 60 * 24 * 3600 });
  await during(globalThis, 'setTimeout', { value: watched, writable: true }, async () => {
    const { api } = loadPage(createApi, server, server.mint(), { autoRefresh: true });
    await api.fetch('/echo');
    await api.refresh();
    await pause(300);
    await api.signOut();
  });
  equal(server.counts.refreshes, 1, 'refreshes, but for the one by hand');
  check(waits.some((ms) => ms > 3_600_000), `waits: ${waits}`);
  equal(waits.filter((ms) => !(ms < 2 ** 31)), [], 'waits that are too long');
}

export async function a_server_that_fails_is_not_asked_without_end({ createApi }) {
  const server = tokenServer({ ttl: 600 });
  const { mint } = server;
  const refresh = () => {
    server.counts.refreshes += 1;
    throw new Error('no network');
  };
  const options = { autoRefresh: true, refresh, refreshRetries: 0, coolDown: 500 };
  const { api, stored } = loadPage(createApi, server, mint(5), options);
  await pause(2500);
  const { refreshes } = server.counts;
  check(refreshes >= 1 && refreshes <= 4, `${refreshes} refreshes`);
  check(stored() !== null, 'the token is kept');
  await api.signOut();
}

export async function a_server_that_refuses_is_not_asked_again_while_the_token_is_good(world) {
  const { createApi, SignInRequiredError } = world;
  const server = tokenServer({ ttl: 600 });
  server.faults.push(...Array.from({ length: 50 }, () => new SignInRequiredError('revoked')));
  const { api, signedOut, stored } = loadPage(createApi, server, server.mint(5), { autoRefresh: true });
  await pause(2500);
  equal([server.counts.refreshes, signedOut, stored() !== null], [1, [], true], 'refreshes, sign-outs and the token');
  await api.signOut();
}

export async function a_token_that_is_as_old_as_it_comes_is_not_refreshed_without_end({ createApi }) {
  // By the server's own clock, its tokens have expired by the time they arrive.
  const server = tokenServer({ ttl: 0.002 });
  const { api } = loadPage(createApi, server, server.mint(), { autoRefresh: true });
  await pause(1000);
  const { refreshes } = server.counts;
  check(refreshes < 50, `${refreshes} refreshes within a second`);
  await api.signOut();
}
