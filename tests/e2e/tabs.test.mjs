// Many tabs, one session (rules 3.1 to 3.3 and 4.4).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser } from './shop.mjs';
import { openProfile, times, until, write } from './tabs.mjs';

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const all = (tabs, act) => Promise.all(tabs.map(act));

/** The server's counts that tell whether the tabs got along. */
async function counts({ record }, of) {
  const { refreshes, rotations, reuses, revoked } = await record(of);
  return { refreshes, rotations, reuses, revoked };
}

const ONE = { refreshes: 1, rotations: 1, reuses: 0, revoked: false };

test('ten tabs, one expiry: one refresh, heard of once in each tab', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(10, () => session.open()));
  await all(tabs, (tab) => tab.send());
  await session.expire();
  const answers = await all(tabs, (tab) => tab.send(5));
  assert.deepEqual(answers.flat(), times(50, () => 200));
  assert.deepEqual(await counts(session), ONE);
  await until(async () => (await all(tabs, (tab) => tab.heard())).every(({ length }) => length > 0), 'all have heard');
  assert.deepEqual(await all(tabs, (tab) => tab.heard()), times(10, () => ['tokenRefreshed']));
  assert.deepEqual(tabs.flatMap(({ navigations, errors }) => [...navigations, ...errors]), []);
});

test('ten tabs go from one expiry to the next', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(10, () => session.open()));
  for (const round of [1, 2, 3, 4, 5]) {
    await session.expire();
    const answers = await all(tabs, (tab) => tab.send(2));
    assert.deepEqual(answers.flat(), times(20, () => 200));
    assert.deepEqual(await counts(session), { ...ONE, refreshes: round, rotations: round });
  }
});

test('a server that is slow is waited for by all tabs', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(4, () => session.open()));
  await session.expire();
  await session.faults({ delay: 2500 });
  assert.deepEqual((await all(tabs, (tab) => tab.send(3))).flat(), times(12, () => 200));
  assert.deepEqual(await counts(session), ONE);
});

test('a tab to which the new tokens come late does not send the spent one', async (t) => {
  const session = await openProfile(t, browser);
  const [prompt, late] = [await session.open(), await session.open()];
  await all([prompt, late], (tab) => tab.send());
  for (const refreshes of [1, 2]) {
    await session.expire();
    await late.page.evaluate(() => lag(600));
    assert.deepEqual(await prompt.send(3), [200, 200, 200]);
    assert.deepEqual(await late.send(3), [200, 200, 200]);
    assert.deepEqual(await counts(session), { ...ONE, refreshes, rotations: refreshes });
  }
});

test('a tab to which a sign-out comes late does not refresh for the session that has ended', async (t) => {
  const session = await openProfile(t, browser);
  const [prompt, late] = [await session.open(), await session.open({ callback: true })];
  await all([prompt, late], (tab) => tab.send());
  await session.expire();
  await late.page.evaluate(() => lag(600));
  await prompt.page.evaluate(() => api.signOut());
  const answers = await late.send(3);
  assert.ok(answers.every((code) => ['SIGN_IN_REQUIRED', 'SESSION_CHANGED'].includes(code)), String(answers));
  assert.deepEqual(await late.stored(), [null, null]);
  assert.equal((await session.record()).refreshes, 0);
});

test('a tab that has not sent anything yet hears of what the others do', async (t) => {
  const session = await openProfile(t, browser);
  const [busy, idle] = [await session.open(), await session.open()];
  await session.expire();
  assert.deepEqual(await busy.send(), [200]);
  await until(async () => (await idle.heard()).length > 0, 'it has heard');
  assert.deepEqual(await idle.heard(), ['tokenRefreshed']);
  await busy.page.evaluate(() => api.signOut());
  await until(async () => (await idle.heard()).length > 1, 'it has heard more');
  assert.deepEqual(await idle.heard(), ['tokenRefreshed', 'signedOut']);
});

test('signing out is heard in a tab that has not sent anything yet', async (t) => {
  const session = await openProfile(t, browser);
  const [busy, idle] = [await session.open(), await session.open()];
  await busy.page.evaluate(() => api.signOut());
  await until(async () => (await idle.heard()).length > 0, 'it has heard');
  assert.deepEqual(await idle.heard(), ['signedOut']);
});

test('signing out in one tab is heard in the others, and only those who need a session go to sign in', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(4, () => session.open()));
  await all(tabs, (tab) => tab.send());
  const [one, needy, ...others] = tabs;
  await one.page.evaluate(() => api.signOut());
  await until(async () => (await all(tabs, (tab) => tab.heard())).every(({ length }) => length > 0), 'all have heard');
  assert.deepEqual(await all(tabs, (tab) => tab.heard()), times(4, () => ['signedOut']));

  needy.page.evaluate(() => send(3)).catch(() => {}); // it is gone with its page
  await needy.page.waitForURL('**/login');
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  assert.equal(needy.navigations.length, 1);
  assert.deepEqual([one, ...others].flatMap(({ navigations }) => navigations), []);
  const { refreshes } = await session.record();
  assert.equal(refreshes, 0);
});

test('a refused refresh signs out all tabs, and leads those to the login page that have asked', async (t) => {
  const session = await openProfile(t, browser);
  const tabs = await Promise.all(times(4, () => session.open({ callback: true })));
  await all(tabs, (tab) => tab.send());
  await session.expire();
  await session.faults({ status: 400 });
  const answers = await all(tabs.slice(0, 3), (tab) => tab.send(3));
  assert.deepEqual(answers.flat(), times(9, () => 'SIGN_IN_REQUIRED'));
  await until(async () => (await all(tabs, (tab) => tab.heard())).every(({ length }) => length > 0), 'all have heard');
  assert.deepEqual(await all(tabs, (tab) => tab.heard()), times(4, () => ['signedOut']));
  const led = await all(tabs, (tab) => tab.page.evaluate(() => signedOut));
  assert.deepEqual(led.map(({ length }) => length), [1, 1, 1, 0]);
  assert.equal(led.flat().filter((reason) => reason === 'refused').length, 1);
  assert.equal((await session.record()).refreshes, 1);
});

for (const how of ['by the api', 'by app code']) {
  test(`another user signs in, ${how}: nothing is replayed under that name`, async (t) => {
    const session = await openProfile(t, browser);
    const [one, two] = [await session.open(), await session.open()];
    await all([one, two], (tab) => tab.send());
    await session.expire();
    await session.faults({ delay: 800 });
    const waiting = one.send(5);
    await until(async () => (await session.record()).refreshes === 1, 'the refresh has arrived');

    const next = await session.signIn('bob');
    if (how === 'by app code') await write(two.page, next);
    else await two.page.evaluate((tokens) => api.signIn(tokens), next);
    assert.deepEqual(await waiting, times(5, () => 'SESSION_CHANGED'));
    await until(async () => (await one.heard()).includes('sessionChanged'), 'it has heard');
    await new Promise((resolve) => { setTimeout(resolve, 900); });
    assert.deepEqual(await two.stored(), [next.accessToken, next.refreshToken]);
    assert.deepEqual(await one.stored(), [next.accessToken, next.refreshToken]);
    assert.deepEqual(await one.heard(), ['sessionChanged']);
    assert.deepEqual((await all([one, two], (tab) => tab.send())).flat(), [200, 200]);
    assert.equal((await session.record(next.sid)).unauthorized, 0);
  });
}

test('two copies of the module in one page: one refresh for both', async (t) => {
  const session = await openProfile(t, browser);
  const tab = await session.open();
  await tab.page.evaluate(() => beginCopy());
  for (const round of [1, 2, 3]) {
    await session.expire();
    const answers = await tab.page.evaluate(() => Promise.all([send(20), send(20, copy.api)]));
    assert.deepEqual(answers.flat(), times(40, () => 200));
    assert.deepEqual(await counts(session), { ...ONE, refreshes: round, rotations: round });
  }
  assert.deepEqual(await tab.heard(), times(3, () => 'tokenRefreshed'));
  assert.deepEqual(await tab.page.evaluate(() => copy.heard), times(3, () => 'tokenRefreshed'));
});

test('two copies of the module in one page: signing out in one is known to the other', async (t) => {
  const session = await openProfile(t, browser);
  const tab = await session.open({ callback: true });
  await tab.page.evaluate(() => beginCopy({ callback: true }));
  assert.deepEqual(await tab.page.evaluate(() => Promise.all([send(), send(1, copy.api)])), [[200], [200]]);
  await tab.page.evaluate(() => api.signOut());
  assert.deepEqual(await tab.page.evaluate(() => send(3, copy.api)), times(3, () => 'SIGN_IN_REQUIRED'));
  await until(() => tab.page.evaluate(() => copy.heard.length > 0), 'it has heard');
  assert.deepEqual(await tab.page.evaluate(() => [copy.heard, copy.signedOut]), [['signedOut'], ['signOut']]);
  assert.equal((await session.record()).refreshes, 0);
});

test('tokens in memory and an HttpOnly cookie: the tabs refresh in turn', async (t) => {
  const session = await openProfile(t, browser, { style: 'cookie' });
  const tabs = await Promise.all(times(4, () => session.open({ storage: 'memory' })));
  for (const round of [1, 2]) {
    await session.expire();
    await session.faults(...times(4, () => ({ delay: 100 })));
    const answers = await all(tabs, (tab) => tab.send(5));
    assert.deepEqual(answers.flat(), times(20, () => 200));
    const refreshes = 4 * round;
    assert.deepEqual(await counts(session), { ...ONE, refreshes, rotations: refreshes });
  }
  assert.equal(session.shop.refreshesAtOnce(), 1);
  assert.deepEqual(tabs.flatMap(({ navigations }) => navigations), []);
});

test('a session of cookies alone: four tabs, one refresh for one expiry', async (t) => {
  const session = await openProfile(t, browser, { style: 'cookies' });
  const tabs = await Promise.all(times(4, () => session.open({ session: 'cookie' })));
  for (const round of [1, 2, 3, 4]) {
    await session.expire();
    const answers = await all(tabs, (tab) => tab.send(5));
    assert.deepEqual(answers.flat(), times(20, () => 200));
    assert.deepEqual(await counts(session), { ...ONE, refreshes: round, rotations: round });
  }
  await until(async () => (await tabs[0].heard()).length === 4, 'all is heard');
  await tabs[0].page.evaluate(() => api.signOut());
  await until(async () => (await tabs[1].heard()).includes('signedOut'), 'the sign-out is heard');
  assert.deepEqual(await tabs[0].page.evaluate(() => ({ ...localStorage })), {});
});

test('a session of cookies alone: a tab that only listens hears of each refresh, and of the end', async (t) => {
  const session = await openProfile(t, browser, { style: 'cookies' });
  const [busy, idle] = [await session.open({ session: 'cookie' }), await session.open({ session: 'cookie' })];
  const heard = [];
  for (const event of ['tokenRefreshed', 'tokenRefreshed', 'signedOut']) {
    if (event === 'signedOut') {
      await busy.page.evaluate(() => api.signOut());
    } else {
      await session.expire();
      assert.deepEqual(await busy.send(), [200]);
    }
    heard.push(event);
    await until(async () => (await idle.heard()).length === heard.length, `it has heard of ${event}`);
    assert.deepEqual(await idle.heard(), heard);
  }
});

/** The records that the tabs leave each other, as a page of the origin reads them. */
function recordsIn({ page }) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tokenflight', 3);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const all = request.result.transaction('records').objectStore('records').getAll();
      all.onsuccess = () => resolve(all.result);
    };
  }));
}

test('nothing of a session is left when it ends, although its page is gone', async (t) => {
  const session = await openProfile(t, browser);
  const tab = await session.open();
  await session.expire();
  await tab.send();
  const [record, ...more] = await recordsIn(tab);
  assert.deepEqual(more, []);
  const values = Object.values(record).flat().filter((value) => value !== undefined);
  assert.deepEqual(values.filter((value) => typeof value !== 'number'), []);
  await tab.page.evaluate(() => api.signOut());
  await tab.page.close();
  const next = await session.open({ hasten: true });
  assert.deepEqual(await next.page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }]), [{}, {}]);
  // For a while it is remembered that the session has ended.
  await until(async () => (await recordsIn(next)).length === 0, 'the record is gone');
});
