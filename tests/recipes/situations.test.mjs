// The recipes of docs/recipes.md, in a real browser against a real server.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Stage } from './stage.mjs';

// A promise that never settles costs a minute, and not the run.
const LIMIT = { timeout: 60_000 };

let stage;
before(async () => { stage = await Stage.set(); });
after(() => stage?.strike());

const statuses = ({ requests }) => requests.map(({ method, status }) => `${method} ${status}`);
const count = (record, line) => statuses(record).filter((other) => other === line).length;

/** Fills in the dialog that a page shows, as soon as it does. */
async function answerDialog(page, user, password = user) {
  await page.locator('dialog input[name=user]').fill(user);
  await page.locator('dialog input[name=password]').fill(password);
  await page.locator('dialog button').click();
}

/** Resolves when `holds` does. */
async function until(holds, what) {
  for (const end = Date.now() + 15_000; !await holds();) {
    if (Date.now() > end) assert.fail(`not after 15 s: ${what}`);
    await sleep(20);
  }
}

describe('step-up', LIMIT, () => {
  const all = Array.from({ length: 5 }, (_, id) => ({ status: 200, body: { id, balance: 42 } }));

  test('five calls that want a fresher sign-in cost one dialog, no refresh, and arrive whole', async (t) => {
    const { page, session, record } = await stage.open(t, 'step-up');
    const [outcomes] = await Promise.all([page.evaluate(() => story.balances(5)), answerDialog(page, session.user)]);
    assert.deepEqual(outcomes, all);
    const [challenge, ...more] = await page.evaluate(() => story.shown());
    assert.match(challenge, /acr_values="urn:example:fresh", max_age="300"/);
    assert.deepEqual(more, [], 'further dialogs');
    assert.equal(session.counts.refreshes, 0, 'refreshes');
    assert.equal(count(record, 'POST 401'), 5, 'challenges');
    assert.equal(record.requests.length, 11, 'five calls, the step-up, five calls');
  });

  test('on an expired token the refresh comes first, once', async (t) => {
    const { page, session } = await stage.open(t, 'step-up');
    stage.server.expire(session);
    const [outcomes] = await Promise.all([page.evaluate(() => story.balances(5)), answerDialog(page, session.user)]);
    assert.deepEqual(outcomes, all);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal((await page.evaluate(() => story.shown())).length, 1, 'dialogs');
  });

  test('whoever declines is told so, and stays signed in', async (t) => {
    const { page, session, navigations } = await stage.open(t, 'step-up');
    const outcomes = page.evaluate(() => story.balances(2));
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual(await outcomes, Array(2).fill({ error: 'Error' }));
    assert.equal(session.counts.refreshes, 0, 'refreshes');
    assert.deepEqual(navigations, []);
    assert.ok(await page.evaluate(() => localStorage.getItem('accessToken')));
  });
});

describe('sliding sessions', LIMIT, () => {
  const serialOf = (page) => page.evaluate(async () => JSON.parse(atob((await story.token()).split('.')[1])).serial);

  test('each call goes out with the token that the one before has brought, in other tabs, too', async (t) => {
    const { page, session, record } = await stage.open(t, 'sliding-session');
    const other = await stage.openBeside(page, 'sliding-session');
    for (const tab of [page, other, page]) {
      // Only the newest token is good from now on.
      session.expiredUpTo = session.issued - 1;
      assert.equal((await tab.evaluate(() => story.read(1))).status, 200);
    }
    assert.deepEqual(statuses(record), ['GET 200', 'GET 200', 'GET 200']);
    assert.equal(session.counts.refreshes, 0, 'refreshes');
  });

  test('an answer that is overtaken does not bring its older token back', async (t) => {
    const { page } = await stage.open(t, 'sliding-session');
    const [first, ...rest] = await page.evaluate(async () => {
      const slow = story.read(1, 600);
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      const quick = await story.read(2);
      return [await story.token(), quick, await slow];
    });
    assert.deepEqual(rest.map(({ status }) => status), [200, 200]);
    assert.equal(await page.evaluate(() => story.token()), first, 'the token of the quick answer');
    assert.equal(await serialOf(page), 3);
  });

  test('an answer that arrives after the sign-out, or for somebody else, signs nobody in', async (t) => {
    const { page } = await stage.open(t, 'sliding-session');
    const { tokens } = stage.server.signIn('bob');
    const seen = await page.evaluate(async (bob) => {
      const slow = story.read(1, 600);
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      await story.signOut();
      await slow;
      const out = await story.token();
      await story.signIn(bob);
      return [out, await story.token()];
    }, tokens);
    assert.deepEqual(seen, [null, tokens.accessToken]);
    const carol = stage.server.signIn('carol').tokens;
    const kept = await page.evaluate(async (next) => {
      const slow = story.read(2, 600);
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      await story.signIn(next);
      await slow;
      return story.token();
    }, carol);
    assert.equal(kept, carol.accessToken);
  });

  test('a 401 ends the session, and asks no token server', async (t) => {
    const { page, session, navigations } = await stage.open(t, 'sliding-session');
    session.revoked = true;
    assert.deepEqual(await page.evaluate(() => story.read(1)), { error: 'SignInRequiredError', code: 'SIGN_IN_REQUIRED' });
    await until(() => navigations.length > 0, 'it leads to the login page');
    assert.deepEqual(navigations, ['/login']);
    assert.equal(session.counts.refreshes, 0, 'refreshes');
  });
});

describe('signing in again in place', LIMIT, () => {
  const shown = (page) => page.evaluate(() => story.shown().length);
  const begin = (page, calls = 3) => page.evaluate((n) => story.begin(n), calls);
  const outcomes = (page) => page.evaluate(() => story.outcomes());
  const notes = ({ user }) => [1, 2, 3].map((id) => ({ status: 200, body: { id, text: `note ${id} of ${user}` } }));
  const over = Array(3).fill({ error: 'SignInRequiredError', code: 'SIGN_IN_REQUIRED' });

  /** A page whose session the server has ended, and that shows the dialog. */
  async function refused(t) {
    const opened = await stage.open(t, 'sign-in-again');
    opened.session.revoked = true;
    await begin(opened.page);
    await opened.page.locator('dialog').waitFor();
    return opened;
  }

  test('an expired token is refreshed without a dialog', async (t) => {
    const { page, session } = await stage.open(t, 'sign-in-again');
    stage.server.expire(session);
    await begin(page);
    assert.deepEqual(await outcomes(page), notes(session));
    assert.equal(await shown(page), 0, 'dialogs');
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('when the session is over, calls of two tabs wait for one dialog, longer than a refresh may take', async (t) => {
    const { page, session, navigations } = await refused(t);
    const other = await stage.openBeside(page, 'sign-in-again');
    await begin(other);
    await sleep(11_000); // the default of refreshTimeout, and more
    await answerDialog(page, session.user);
    assert.deepEqual(await outcomes(page), notes(session));
    assert.deepEqual(await outcomes(other), notes(session));
    assert.deepEqual([await shown(page), await shown(other)], [1, 0], 'dialogs');
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.deepEqual(navigations, []);
  });

  test('when the tab with the dialog is closed, the next one shows its own', async (t) => {
    const { page, session } = await refused(t);
    const other = await stage.openBeside(page, 'sign-in-again');
    await begin(other);
    await sleep(500);
    assert.equal(await shown(other), 0, 'dialogs while the first tab has one');
    await page.close();
    await answerDialog(other, session.user);
    assert.deepEqual(await outcomes(other), notes(session));
  });

  test('whoever declines is signed out', async (t) => {
    const { page, navigations } = await refused(t);
    await page.keyboard.press('Escape');
    assert.deepEqual(await outcomes(page), over);
    await until(() => navigations.length > 0, 'it leads to the login page');
  });

  test('another user does not get the answers of the one before', async (t) => {
    const { page } = await refused(t);
    await answerDialog(page, 'bob');
    assert.deepEqual(await outcomes(page), over);
  });

  test('an outage of the token server is no reason for a dialog', async (t) => {
    const { page, session } = await stage.open(t, 'sign-in-again');
    stage.server.expire(session);
    session.outageUntil = Date.now() + 10_000;
    await begin(page);
    const [{ error }] = await outcomes(page);
    assert.equal(error, 'RefreshUnavailableError');
    assert.equal(await shown(page), 0, 'dialogs');
  });
});

describe('a 401 without CORS headers', LIMIT, () => {
  const unreadable = { error: 'TypeError' };

  test('twenty reads on a token that was taken back get their answers for one refresh', async (t) => {
    const { page, session, record } = await stage.open(t, 'opaque-401');
    stage.server.expire(session);
    const outcomes = await page.evaluate(() => story.read(20));
    assert.deepEqual(outcomes.map(({ status }) => status), Array(20).fill(200));
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.ok(count(record, 'GET 401') > 0, 'the 401 was there');
  });

  test('a token that ends soon is refreshed ahead, so that even a write meets no 401', async (t) => {
    const { page } = await stage.open(t, 'opaque-401');
    const { session, tokens, record } = stage.server.signIn('bob', 4);
    await page.evaluate((bob) => story.signIn(bob), tokens);
    await sleep(3300);
    assert.equal((await page.evaluate(() => story.write('a note'))).status, 200);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.deepEqual(statuses(record), ['POST 200']);
  });

  test('a write is not sent twice', async (t) => {
    const { page, session, record } = await stage.open(t, 'opaque-401');
    stage.server.expire(session);
    assert.deepEqual(await page.evaluate(() => story.write('a note')), unreadable);
    assert.equal(session.counts.refreshes, 0, 'refreshes');
    assert.deepEqual(statuses(record), ['POST 401']);
  });

  test('what is broken for another reason costs one refresh at most, and stays a TypeError', async (t) => {
    const { page, session } = await stage.open(t, 'opaque-401');
    for (let n = 0; n < 4; n += 1) assert.deepEqual(await page.evaluate(() => story.broken()), unreadable);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('without a network nothing is refreshed', async (t) => {
    const { page, session } = await stage.open(t, 'opaque-401');
    await page.context().setOffline(true);
    assert.deepEqual(await page.evaluate(() => story.read(1)), [unreadable]);
    await page.context().setOffline(false);
    assert.equal(session.counts.refreshes, 0, 'refreshes');
  });
});

describe('images and downloads', LIMIT, () => {
  /** A page that is signed in where its worker sees it, and is served by the worker. */
  async function show(t) {
    const opened = await stage.open(t, 'files');
    await opened.page.evaluate((tokens) => story.signIn(tokens), opened.tokens);
    await opened.page.evaluate(() => story.controlled());
    return opened;
  }
  const download = async (page, link) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.evaluate((html) => {
      document.body.innerHTML = html;
      document.querySelector('a').click();
    }, link)]);
    return readFileSync(await file.path(), 'utf8');
  };

  test('images and calls on an expired token cost one refresh together', async (t) => {
    const { page, session, record } = await show(t);
    stage.server.expire(session);
    const [widths, notes] = await page.evaluate(() => Promise.all([story.images(20), story.notes(5)]));
    assert.deepEqual(widths, Array(20).fill(1));
    assert.deepEqual(notes.map(({ status }) => status), Array(5).fill(200));
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(session.counts.reuses, 0, 'spent tokens that were presented again');
    const refused = record.requests.filter(({ status }) => status === 401);
    assert.ok(refused.some(({ url }) => url.startsWith('/files/')), 'an image met the 401');
    // The token that the worker has refreshed is used by the page, too.
    assert.equal((await page.evaluate(() => story.notes(1)))[0].status, 200);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('the token that the worker has refreshed is the page\'s, and the other way round', async (t) => {
    const { page, session } = await show(t);
    stage.server.expire(session);
    assert.deepEqual(await page.evaluate(() => story.images(3)), [1, 1, 1]);
    assert.equal((await page.evaluate(() => story.notes(1)))[0].status, 200);
    stage.server.expire(session);
    assert.equal((await page.evaluate(() => story.notes(1)))[0].status, 200);
    assert.deepEqual(await page.evaluate(() => story.images(3)), [1, 1, 1]);
    assert.equal(session.counts.refreshes, 2, 'refreshes');
  });

  test('a link to a file downloads it, on an expired token, too', async (t) => {
    const { page, session } = await show(t);
    stage.server.expire(session);
    assert.equal(await download(page, '<a href="/files/report.txt">report</a>'), `The report of ${session.user}.`);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('Chromium asks the worker for no link with the attribute download', async (t) => {
    const { page } = await show(t);
    const strays = stage.server.strays.length;
    await assert.rejects(download(page, '<a href="/files/report.txt" download>report</a>'));
    assert.deepEqual(stage.server.strays.slice(strays), [{ method: 'GET', url: '/files/report.txt', status: 401 }]);
  });

  test('after the sign-out no image is shown', async (t) => {
    const { page } = await show(t);
    assert.deepEqual(await page.evaluate(() => story.images(1)), [1]);
    await page.evaluate(() => story.signOut());
    assert.deepEqual(await page.evaluate(() => story.images(1)), [0]);
  });
});

describe('upload progress', LIMIT, () => {
  const state = (page) => page.evaluate(async () => ({ outcome: await story.outcome(), parts: story.parts() }));

  /** Makes the network slow enough for progress to be seen. */
  async function slow(page, megabytes = 8) {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: megabytes * 1024 * 1024,
    });
  }

  test('progress is told in parts that grow, and the file arrives whole', async (t) => {
    const { page, record } = await stage.open(t, 'upload');
    await slow(page);
    const sent = await page.evaluate(() => story.begin());
    const { outcome, parts } = await state(page);
    assert.deepEqual(outcome, { status: 201, hash: sent });
    assert.deepEqual(record.accepted, [sent]);
    assert.ok(parts.length > 2, `${parts.length} parts`);
    assert.deepEqual(parts, parts.toSorted((a, b) => a - b));
    assert.equal(parts.at(-1), 1);
  });

  test('on an expired token it is sent again after one refresh, and arrives once', async (t) => {
    const { page, session, record } = await stage.open(t, 'upload');
    stage.server.expire(session);
    const sent = await page.evaluate(() => story.begin());
    const { outcome, parts } = await state(page);
    assert.deepEqual(outcome, { status: 201, hash: sent });
    assert.deepEqual(record.accepted, [sent]);
    assert.deepEqual(statuses(record), ['POST 401', 'POST 201']);
    assert.equal(session.counts.refreshes, 1, 'refreshes');
    assert.equal(parts.at(-1), 1);
  });

  test('when the session is over, the upload says so', async (t) => {
    const { page, session } = await stage.open(t, 'upload');
    session.revoked = true;
    await page.evaluate(() => story.begin());
    assert.equal((await state(page)).outcome.code, 'SIGN_IN_REQUIRED');
    assert.equal(session.counts.refreshes, 1, 'refreshes');
  });

  test('when somebody else signs in meanwhile, it is given up', async (t) => {
    const { page, record } = await stage.open(t, 'upload');
    await slow(page, 2);
    await page.evaluate(() => story.begin());
    await until(() => page.evaluate(() => story.parts().length > 0), 'it is under way');
    const bob = stage.server.signIn('bob');
    await page.evaluate((tokens) => story.signIn(tokens), bob.tokens);
    assert.equal((await state(page)).outcome.error, 'Somebody else has signed in.');
    assert.deepEqual([record.accepted, bob.record.accepted], [[], []]);
  });
});
