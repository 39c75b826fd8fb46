// URLs, and redirects: no token ever goes to another origin than the page's own.

import fc from 'fast-check';

import { createApi } from '/tokenflight/index.js';
import { called, checkErrors, checkUnhandled, freshToken, inTime, settled } from './kit.js';

const original = history.state;

/** Strings that are, or nearly are, URLs of either origin. */
function urlsOf(ports) {
  const [own, other] = ports.map((port) => `127.0.0.1:${port}`);
  const hosts = [
    own, other, `localhost:${ports[0]}`, `localhost:${ports[1]}`, `127.1:${ports[1]}`, `2130706433:${ports[1]}`, `0x7f.1:${ports[1]}`,
    `１２７.0.0.1:${ports[1]}`, `${own}@${other}`, `${own}\\@${other}`, `${own}#@${other}`, `${own}%2f@${other}`, `${other}@${own}`,
    `a.localhost:${ports[1]}`, `${own.replaceAll('.', '。')}`, '', 'a:b@', `127.0.0.1:0${ports[1]}`,
  ];
  const targets = [`http://${other}/there`, `//${other}/there`, `http://${own}/back`, `/redirect/307/${encodeURIComponent(`http://${other}/x`)}`,
    `http://${own}@${other}/`, `\\\\${other}\\x`];
  const path = fc.oneof(
    fc.constantFrom('', '/', '/x', '/a/../b', '/%2e%2e/x', `//${other}/x`, `/\\${other}`, `\\/${other}`, '?q', '#f', '/refresh-token', '/x?a=//b'),
    fc.tuple(fc.constantFrom(301, 302, 303, 307, 308), fc.constantFrom(...targets))
      .map(([status, target]) => `/redirect/${status}/${encodeURIComponent(target)}`),
    fc.string({ maxLength: 12 }),
  );
  const noise = fc.tuple(fc.nat(40), fc.constantFrom('', '', '', '\t', '\n', '\r', ' ', '\0', '\\', '/', '@', '\u00ad', '%09'));
  return fc.tuple(
    fc.constantFrom('http:', 'http:', 'http:', 'HTTP:', '', '', 'https:', 'javascript:', 'data:', 'blob:http:', 'http:http:', 'h\nttp:', 'ws:'),
    fc.constantFrom('//', '//', '//', '/', '\\\\', '///', '/\\', '', '/\t/', '\n//'),
    fc.constantFrom(...hosts), path, noise,
  ).map(([scheme, slashes, host, rest, [at, sign]]) => {
    const text = scheme + slashes + host + rest;
    const place = Math.min(at, text.length);
    return text.slice(0, place) + sign + text.slice(place);
  });
}

/** Ways to give a URL. */
const WAYS = {
  text: (url) => url,
  'a URL': (url) => new URL(url, document.baseURI),
  'an object': (url) => ({ toString: () => url }),
  'an array': (url) => [url],
  'a Request': (url) => new Request(url),
  'a Request of a subclass': (url) => new (class extends Request { get url() { return `${location.origin}/own`; } })(url),
  'a Request with a url of its own': (url) => Object.defineProperty(new Request(url), 'url', { value: `${location.origin}/own` }),
  'a proxy of a Request': (url) => new Proxy(new Request(url), {}),
  'what looks like a Request': (url) => ({ url, clone() { return this; }, headers: new Headers(), method: 'GET' }),
  'a changing text': (url) => { let reads = 0; return { toString: () => (reads++ ? url : '/own') }; },
  'a changing Request': (url) => { let reads = 0; return { get url() { return reads++ ? url : '/own'; }, clone() {} }; },
};

/** Options with which the URL leads elsewhere by other means. */
const OPTIONS = {
  none: () => ({}),
  'a hook that sends it there': (url) => ({ hooks: { onRequest: (request) => new Request(url, { method: request.method }) } }),
  'a base': () => ({ baseURL: '/api' }),
  'a refresh there': (url) => ({ refreshURL: url }),
  'a redirected refresh': (url) => ({ refreshURL: `/redirect/307/${encodeURIComponent(url)}` }),
  'a sign-out there': (url) => ({ signOutURL: url }),
  'a token endpoint that is redirected': (url) => ({
    refresh: { tokenEndpoint: `/redirect/308/${encodeURIComponent(url)}`, clientId: 'c' },
  }),
};

/** Changes to the page while the call is under way. */
const MEANWHILE = {
  nothing() {},
  'a <base> appears': (ports) => { document.head.prepend(Object.assign(document.createElement('base'), { href: `http://127.0.0.1:${ports[1]}/` })); },
  'the page goes on': () => goTo(`${location.origin}/deep/er/`),
};

/** Replaces the page's address. WebKit allows it a hundred times within ten seconds, and throws then. */
function goTo(url) {
  try {
    history.replaceState(original, '', url);
    return true;
  } catch {
    return false;
  }
}

/** Markup of an attacker who cannot run scripts, put there beforehand: elements named like the properties that are read. */
const INJECTED = {
  nothing: () => '',
  'a <base>': (ports) => `<base href="http://127.0.0.1:${ports[1]}/">`,
  ...Object.fromEntries(['baseURI', 'cookie', 'hidden', 'location', 'origin', 'fetch', 'localStorage', 'tokenflight', 'referrer'].flatMap((name) => [
    [`an image called ${name}`, () => `<img name="${name}" id="${name}">`],
    [`a frame called ${name}`, (ports) => `<iframe name="${name}" id="${name}" srcdoc="<a id=startsWith href=http://127.0.0.1:${ports[1]}/>"></iframe>`],
    [`two forms called ${name}`, () => `<form name="${name}"></form><form name="${name}"><input name="href"></form>`],
  ])),
};

/** Nothing may be sent but to the two servers: other ports and hosts are not ours to try. */
function isWithin(url, ports) {
  try {
    const { protocol, hostname, port } = new URL(url, document.baseURI);
    if (protocol !== 'http:') return !/^(https|ftp|wss?):$/.test(protocol);
    return /^(127\.0\.0\.1|(\w+\.)?localhost)$/.test(hostname) && ports.includes(Number(port));
  } catch {
    return true;
  }
}

/** Where the options themselves say that tokens are asked for, they are presented. */
function isConfigured({ how, url }) {
  try {
    return how === 'a refresh there' && new URL(url, document.baseURI).origin !== location.origin;
  } catch {
    return false;
  }
}

async function tryURL({ url, way, method, how, meanwhile, isExpired, injected }, { ports, count }) {
  const storage = 'memory';
  const options = { storage, refreshRetries: 0, refreshTimeout: 3000, onSignedOut() {}, accessTokenKey: freshToken(), refreshTokenKey: freshToken() };
  const injection = document.createElement('div');
  injection.innerHTML = INJECTED[injected](ports);
  document.body.append(injection);
  let api;
  let input;
  try {
    input = WAYS[way](url);
    api = createApi({ ...options, ...OPTIONS[how](url) });
  } catch {
    injection.remove();
    return; // It is no URL, and the caller has heard so.
  }
  try {
    await api.signIn({ accessToken: freshToken(isExpired ? '-old' : ''), refreshToken: freshToken() });
    const promise = settled(called(() => api.fetch(input, { method })));
    MEANWHILE[meanwhile](ports);
    const outcome = await inTime(promise, 'the call');
    if (how === 'a sign-out there') await inTime(settled(api.signOut()), 'the sign-out');
    checkErrors(outcome);
    count(outcome);
  } finally {
    injection.remove();
    document.querySelector('base')?.remove();
    while (location.pathname !== '/' && !goTo('/')) await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  checkUnhandled();
  const { leaks } = await (await fetch('/attack/seen')).json();
  if (leaks.length > 0) throw new Error(`a token went to another origin: ${leaks.join(', ')}`);
}

export async function urls({ ports }) {
  const counts = { answered: 0, rejected: 0 };
  const count = ({ value }) => { counts[value ? 'answered' : 'rejected'] += 1; };
  const cases = fc.record({
    url: urlsOf(ports),
    way: fc.constantFrom(...Object.keys(WAYS)),
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    how: fc.constantFrom('none', 'none', 'none', ...Object.keys(OPTIONS)),
    meanwhile: fc.constantFrom('nothing', 'nothing', ...Object.keys(MEANWHILE)),
    isExpired: fc.boolean(),
    injected: fc.oneof({ weight: 3, arbitrary: fc.constant('nothing') }, { weight: 1, arbitrary: fc.constantFrom(...Object.keys(INJECTED)) }),
  }).filter((one) => {
    const { url, how } = one;
    return isWithin(url, ports) && !isConfigured(one) && (how !== 'a base' || isWithin(`/api/${url}`, ports));
  });
  return {
    property: fc.asyncProperty(cases, (one) => tryURL(one, { ports, count })),
    facts: async () => ({ ...counts, ...await (await fetch('/attack/seen')).json() }),
  };
}
