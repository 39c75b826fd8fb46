// The way to the login page (rule 4.1).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { forgetLogin, goToLogin } from '../../src/shell/login.js';
import { inPage, pageAt, settingsOf } from './page.mjs';
import { storageOf } from './stand-ins.mjs';

const APP = 'https://app.example';

/**
 * A tab. `load` is a page that comes to need a session: where it is led to, undefined if nowhere. `arrived` is its URL
 * at first; `after` how many ms after the tab was led away it begins.
 */
function openTab(options = {}, sessionStorage = storageOf()) {
  let led = Number.NaN;
  const load = async (url, page = {}) => {
    const { arrived = url, after = 50, redirectCount = 0, referrer = `${APP}/`, type = 'navigate', hasBeenActive = false } = page;
    const { document, ...globals } = pageAt(new URL(url, APP).href);
    const assigned = [];
    const { href, protocol } = new URL(url, APP);
    const location = { href, protocol, assign: (to) => { assigned.push(to); led = Date.now(); } };
    const performance = {
      now: () => (Number.isNaN(led) ? 10 : Date.now() - led - after),
      getEntriesByType: () => [{ name: new URL(arrived, APP).href, type, redirectCount }],
    };
    Object.assign(document, { referrer });
    await inPage({
      ...globals, document, location, performance, sessionStorage, navigator: { userActivation: { hasBeenActive } }, ...page.globals,
    }, async () => {
      const isLed = goToLogin(settingsOf(options), 'refused');
      assert.deepEqual(assigned, [], 'not before the code that runs now is through');
      await undefined;
      assert.equal(assigned.length, Number(isLed), 'it says so, and navigates once');
    });
    return assigned[0]?.replace(APP, '');
  };
  return { load, signIn: () => inPage({ sessionStorage }, forgetLogin), held: sessionStorage.held };
}

const ledFrom = (url, options) => openTab(options).load(url);

test('already there: the path, and what loginURL has of query and fragment', async () => {
  for (const [loginURL, there, elsewhere] of [
    ['/login', ['/login', '/login/', '/login?next=%2Fa', '/login#form'], ['/', '/login/de', '/loginx', '/de/login', '/Login']],
    ['/login/', ['/login', '/login/'], ['/']],
    ['/', ['/', '/?a', '/#b'], ['/login']],
    ['/?page=login', ['/?page=login', '/?x=1&page=login'], ['/', '/?page=orders', '/login?page=login']],
    ['/#/login', ['/#/login', '/#/login/', '/#/login?next=%2Fa', '/?x#/login'], ['/', '/#/orders', '/#login', '/app#/login']],
    ['/#!/login?tab=1', ['/#!/login?tab=1&next=x'], ['/#!/login', '/#!/login?tab=2']],
    ['/account#login', ['/account#login'], ['/account', '/account#profile']],
    ['https://id.example/login', [], ['/login']],
  ]) {
    for (const url of there) assert.equal(await ledFrom(url, { loginURL }), undefined, `${loginURL} at ${url}`);
    for (const url of elsewhere) assert.equal(await ledFrom(url, { loginURL }), loginURL, `${loginURL} at ${url}`);
  }
});

test('returnTo is a path of the own origin, or a whole URL where the login page is of another one', async () => {
  const next = async (url, loginURL = '/login') => {
    const to = new URL(await ledFrom(url, { loginURL, returnTo: 'next' }), APP);
    const route = new URL(to.hash.slice(1), APP);
    return (route.searchParams.get('next') ? route : to).searchParams.get('next');
  };
  assert.equal(await next('/a?b=1#c'), '/a?b=1#c');
  for (const url of ['//evil.test/x', '///evil.test/x', '/\\evil.test/x', '/.//evil.test/x', '/a/..//evil.test/x']) {
    assert.equal(await next(`${APP}${url}`), '/evil.test/x', url);
  }
  assert.equal(await next('/a?b#c', 'https://id.example/login?x=1'), `${APP}/a?b#c`);
  assert.equal(await next('/#/orders?b=1', '/#/login'), '/#/orders?b=1');
});

test('with a fragment route, returnTo stands in the query of the route', async () => {
  const to = (loginURL) => ledFrom('/#/a', { loginURL, returnTo: 'next' });
  assert.equal(await to('/#/login'), '/#/login?next=%2F%23%2Fa');
  assert.equal(await to('/?x=1#!/login?tab=1'), '/?x=1#!/login?tab=1&next=%2F%23%2Fa');
  assert.equal(await to('/login#form'), '/login?next=%2F%23%2Fa#form', 'an anchor is no route');
});

test('a page that login has led to is not led away from, until the path changes', async () => {
  for (const page of [{ redirectCount: 1, referrer: '' }, { redirectCount: 0 }, { after: 2500 }]) {
    const { load } = openTab();
    assert.equal(await load('/orders'), '/login');
    assert.equal(await load('/de/login', page), undefined);
    assert.equal(await load('/de/login', { after: 60_000, type: 'reload' }), undefined, 'however often it is loaded');
    assert.equal(await load('/orders', { after: 60_000 }), '/login', 'another path is');
    assert.equal(await load('/de/login', page), undefined);
  }
});

test('nor where it leads back to the page that was left, or a router has replaced its path', async () => {
  const { load } = openTab();
  assert.equal(await load('/orders'), '/login');
  assert.equal(await load('/orders', { redirectCount: 1 }), undefined);
  const other = openTab();
  assert.equal(await other.load('/orders'), '/login');
  assert.equal(await other.load('/de/login', { arrived: '/login' }), undefined);
});

test('a page that the user has come to by himself is led away from', async () => {
  for (const page of [
    { referrer: '' }, { type: 'back_forward' }, { type: 'reload' }, { after: 6000 }, { after: -500 },
    { arrived: '/login', hasBeenActive: true },
  ]) {
    const { load } = openTab();
    assert.equal(await load('/orders'), '/login');
    assert.equal(await load('/cart', page), '/login', JSON.stringify(page));
  }
});

test('once somebody has signed in, login leads anew', async () => {
  const { load, signIn, held } = openTab();
  await load('/orders');
  assert.equal(await load('/de/login'), undefined);
  await signIn();
  assert.deepEqual([...held], []);
  assert.equal(await load('/de/login', { after: 1000 }), '/login');
});

test('without a storage, or what else it takes to know, it navigates', async () => {
  for (const globals of [{ sessionStorage: undefined }, { performance: { now: () => 5 } }]) {
    const { load } = openTab();
    assert.equal(await load('/orders', { globals }), '/login');
    assert.equal(await load('/de/login', { globals }), '/login');
  }
  await inPage({ sessionStorage: undefined }, forgetLogin);
});

test('a frame of our origin that has no URL of its own is led away from, and returns to where its creator is', async () => {
  const assigned = [];
  const location = { href: 'about:srcdoc', protocol: 'about:', assign: (to) => assigned.push(to) };
  const frame = { ...pageAt(`${APP}/`), document: { baseURI: `${APP}/a/b` }, location, sessionStorage: storageOf() };
  await inPage(frame, async () => assert.equal(goToLogin(settingsOf({ returnTo: 'next' }), 'refused'), true));
  assert.deepEqual(assigned, [`${APP}/login?next=%2Fa%2Fb`]);
});

test('a callback takes the place of the navigation, wherever it is; an error of its own is reported', async (t) => {
  const heard = [];
  t.mock.method(console, 'error', (error) => heard.push(error));
  const failure = new Error('own');
  const onSignedOut = (event) => { heard.push(event); throw failure; };
  assert.equal(goToLogin(settingsOf({ onSignedOut }), 'signOut'), true);
  assert.deepEqual(heard, []);
  await undefined;
  assert.deepEqual(heard, [{ type: 'signedOut', reason: 'signOut' }, failure]);
  assert.equal(goToLogin(settingsOf({}), 'refused'), true, 'without a page there is nothing to do');
});
