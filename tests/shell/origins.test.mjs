// Destinations, and the origins that get the token (rules 1.7 and 2.2).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inPage, originsOf, settingsOf, pageAt } from './page.mjs';

const APP = 'https://app.example/orders/1?x';

test('the own origin is that of the frame, whatever its address says', async () => {
  const inherited = { origin: 'https://app.example', location: { href: 'about:srcdoc', origin: 'null' },
    document: { baseURI: APP } };
  await inPage(inherited, () => {
    const target = originsOf().target('/me');
    assert.deepEqual([target.input, target.isOurs], ['https://app.example/me', true]);
  });
  const sandboxed = { ...pageAt(APP), origin: 'null' };
  await inPage(sandboxed, () => {
    for (const url of ['/me', 'me', 'https://app.example/me', 'data:,x', 'file:///x']) {
      assert.equal(originsOf().target(url).isOurs, false, url);
    }
  });
});

test('a relative URL is made absolute once, against the base of the document as it is then', async () => {
  const page = pageAt(APP, 'https://app.example/base/');
  await inPage(page, () => {
    const origins = originsOf();
    for (const url of ['/a?b#c', 'a', './a', '../a', '', '?q', '#f', '//app.example/a', '/a/../b']) {
      const { input, isOurs } = origins.target(url);
      assert.equal(new URL(input).href, new URL(url, page.document.baseURI).href, url);
      assert.equal(isOurs, true, url);
    }
    page.document.baseURI = 'https://evil.example/';
    for (const url of ['/a', 'a', '?q']) {
      const { input, isOurs } = origins.target(url);
      assert.deepEqual([input, isOurs], [new URL(url, 'https://evil.example/').href, false]);
    }
    page.document.baseURI = APP;
    assert.equal(origins.target('/a').isOurs, true);
  });
});

for (const [where, basesOf] of Object.entries({
  'in a page': (bases) => bases,
  'in an imitation whose document throws when it is asked': () => { throw new TypeError('not implemented'); },
})) {
  test(`a \`<base>\` that comes and goes is noticed ${where}`, async () => {
    const bases = [];
    const page = pageAt(APP);
    page.document.getElementsByTagNameNS = () => basesOf(bases);
    await inPage(page, () => {
      const origins = originsOf();
      for (const base of [APP, 'https://evil.example/', APP, APP, 'https://evil.example/', 'https://app.example/', APP]) {
        bases.length = base === APP ? 0 : 1;
        page.document.baseURI = base;
        const { input, isOurs } = origins.target('/a');
        assert.deepEqual([input, isOurs], [new URL('/a', base).href, !base.includes('evil')]);
      }
    });
  });
}

test('where there is no document, the address of the worker is the base', async () => {
  const { origin, location } = pageAt(APP);
  await inPage({ origin, location }, () => {
    assert.equal(originsOf().target('b').input, 'https://app.example/orders/b');
  });
});

test('in a frame without a URL, what the options name is resolved against its creator’s base or origin', async () => {
  const bare = { origin: 'https://app.example', location: { href: 'about:blank' }, document: { baseURI: 'about:blank' } };
  for (const [document, base] of [[{ baseURI: 'https://app.example/a/' }, 'https://app.example/a/x'], [bare.document, 'https://app.example/x']]) {
    const { refreshURL, loginURL, baseURL } = await inPage({ ...bare, document }, () => settingsOf({ baseURL: 'x' }));
    assert.deepEqual([baseURL, refreshURL, loginURL], [base, `${base}/refresh-token`, 'https://app.example/login']);
  }
  const sandboxed = { ...bare, origin: 'null' };
  await inPage(sandboxed, () => assert.throws(() => originsOf().target('/a'), /`baseURL`/));
});

test('where there is no page, a relative URL is an error that says baseURL', async () => {
  for (const url of ['/a', 'a', '', '//host/a', 'undefined']) {
    assert.throws(() => originsOf().target(url), (error) => error instanceof TypeError && /`baseURL`/.test(error.message));
    assert.throws(() => originsOf({ baseURL: '/api' }).target('x'), /`baseURL`/);
  }
  const blobWorker = { origin: 'https://app.example', location: { href: 'blob:https://app.example/1', origin: 'https://app.example' } };
  await inPage(blobWorker, () => assert.throws(() => originsOf().target('/a'), /`baseURL`/));
  const { input, isOurs } = originsOf({ baseURL: 'https://api.example/v1' }).target('/a');
  assert.deepEqual([input, isOurs], ['https://api.example/v1/a', true]);
  assert.equal(originsOf().target('http://[').isOurs, false);
});

test('no string leads the token astray, whatever a parser makes of it', async () => {
  await inPage(pageAt(APP), () => {
    const [bare, based] = [originsOf(), originsOf({ baseURL: 'https://app.example/api' })];
    for (const url of [
      '//evil.example/', '/\\evil.example/', '\\\\evil.example/', '/\t/evil.example/', '\t//evil.example/',
      ' //evil.example/', '/\n/evil.example/', '\u0000//evil.example/', '///evil.example/', 'https:\\\\evil.example',
      'HTTPS://evil.example/', 'ht\ntps://evil.example/', 'https:///evil.example/', 'https://app.example@evil.example/',
      'https://app.example.evil.example/',
    ]) {
      for (const origins of [bare, based]) {
        const { input, isOurs } = origins.target(url);
        assert.equal(isOurs, new URL(input, APP).origin === 'https://app.example', JSON.stringify(url));
      }
      assert.equal(bare.target(url).isOurs, false, JSON.stringify(url));
    }
  });
});

/** As another library has it. */
class OtherRequest {
  constructor(url, init) { Object.assign(this, { url, method: 'PUT', headers: new Headers({ 'X-A': '1' }), body: 'text' }, init); }
  clone() { return new OtherRequest(this.url, this); }
  toString() { return '[object Request]'; }
}

test('a Request is known by its shape, and becomes one that the platform can read', async () => {
  const { input, url, isOurs } = originsOf({ baseURL: 'https://api.example' }).target(new OtherRequest('https://api.example/x'));
  assert.ok(input instanceof Request);
  assert.deepEqual([url, isOurs, input.url, input.method, input.headers.get('x-a'), await input.text()],
    ['https://api.example/x', true, 'https://api.example/x', 'PUT', '1', 'text']);
  const foreign = originsOf().target(new OtherRequest('https://other.example/x'));
  assert.deepEqual([foreign.isOurs, foreign.input instanceof Request], [false, true]);
  const kept = new OtherRequest('https://other.example/x');
  assert.equal(originsOf({ fetch() {} }).target(kept).input, kept, 'a fetch of the caller’s may know it');
});

test('the URL that counts is the one inside, whatever a property says', () => {
  class Liar extends Request {
    get url() { return 'https://api.example/'; }
  }
  const origins = originsOf({ baseURL: 'https://api.example' });
  const own = Object.defineProperty(new Request('https://evil.example/'), 'url', { value: 'https://api.example/' });
  const hidden = Object.defineProperty(new Request('https://evil.example/'), 'url', { value: 7 });
  for (const request of [new Liar('https://evil.example/'), own, hidden]) {
    const { input, url, isOurs } = origins.target(request);
    assert.deepEqual([input, url, isOurs], [request, 'https://evil.example/', false]);
  }
  assert.equal(origins.target(new Liar('https://api.example/')).isOurs, true);
});

test('a Request that names another URL each time it is asked goes to the one that was judged', () => {
  const urls = ['https://api.example/', 'https://evil.example/'];
  const request = new OtherRequest('');
  delete request.url;
  Object.defineProperty(request, 'url', { get: () => urls.shift() ?? 'https://evil.example/' });
  const { input, isOurs } = originsOf({ baseURL: 'https://api.example' }).target(request);
  assert.deepEqual([input.url, isOurs], ['https://api.example/', true]);
});

test('URL objects and whatever has a string are read once, and only strings are joined', () => {
  const origins = originsOf({ baseURL: 'https://api.example/v1' });
  assert.equal(origins.target(new URL('https://api.example/x')).input, 'https://api.example/x');
  let reads = 0;
  assert.equal(origins.target({ toString() { reads += 1; return 'x'; } }).input, 'https://api.example/v1/x');
  assert.equal(reads, 1);
  assert.throws(() => origins.target(Symbol('x')), TypeError);
  const error = new Error('own');
  assert.throws(() => origins.target({ toString() { throw error; } }), error);
});

test('where tokens are asked for is known, whatever its query', () => {
  const origins = originsOf({ baseURL: 'https://api.example', refreshURL: '/renew' });
  const isRefresh = (url) => origins.target(url).isRefresh;
  assert.deepEqual(['/renew', '/renew?a', '/renew#b', '/renewal', '/other'].map(isRefresh), [true, true, true, false, false]);
});

test('a <base> of another origin that is there at creation is not followed by the options', async () => {
  const at = (base) => inPage(pageAt('https://a.example/x/', base), () => {
    const { baseURL, loginURL, refreshURL } = settingsOf({ baseURL: '/api' });
    return [baseURL, loginURL, refreshURL, originsOf({ baseURL: '/api' }).isAllowed('https://evil.example/api')];
  });
  assert.deepEqual(await at('https://evil.example/y/'), ['https://a.example/api', 'https://a.example/login', 'https://a.example/api/refresh-token', false]);
  assert.deepEqual(await at('https://a.example/y/'), ['https://a.example/api', 'https://a.example/login', 'https://a.example/api/refresh-token', false]);
  const paths = await inPage(pageAt('https://a.example/x/', 'https://a.example/y/'), () => settingsOf({ refreshURL: 'renew' }).refreshURL);
  assert.equal(paths, 'https://a.example/y/renew');
});

test('an element called baseURI does not take the place of the base', async () => {
  const page = { ...pageAt('https://a.example/x/'), document: { baseURI: { startsWith: 'an element' } } };
  assert.equal(await inPage(page, () => settingsOf({}).refreshURL), 'https://a.example/refresh-token');
});
