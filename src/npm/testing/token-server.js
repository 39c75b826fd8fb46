// A token server, and the API beside it, as a `fetch`.

import { withDefaults } from './options.js';

const OPTIONS = {
  refreshURL: '/refresh-token',
  expiresIn: 300,
  rotation: true,
  reuse: 'revoke',
  delay: 0,
  respond: () => Response.json({ ok: true }),
};
const OUTAGE = { times: Infinity, status: 503, retryAfter: undefined };

export function createTokenServer(options) {
  const settings = withDefaults('createTokenServer', options, OPTIONS);
  const sessions = new Sessions(settings);
  const outage = { ...OUTAGE, times: 0 };

  const refresh = async (request) => {
    sessions.refreshes += 1;
    if (settings.delay) await new Promise((resolve) => { setTimeout(resolve, settings.delay); });
    if (outage.times > 0) {
      outage.times -= 1;
      return failure(outage);
    }
    const isForm = /urlencoded/.test(request.headers.get('Content-Type'));
    return answer(sessions.refresh(tokenIn(await request.text(), isForm)), isForm);
  };
  const isAuthorized = (request) => sessions.accepts(bearerOf(request));
  const handle = async ({ request }) => {
    // The client may have joined it to a `baseURL`.
    if (pathOf(request.url).endsWith(pathOf(settings.refreshURL))) return refresh(request);
    return isAuthorized(request) ? settings.respond(request) : Response.json({ error: 'invalid_token' }, { status: 401 });
  };

  return {
    async fetch(input, init) {
      const { signal, request } = read(input, init);
      const response = await unlessAborted(handle({ request }), signal);
      // As `fetch` tells of a server that cannot be reached.
      if (response.type === 'error') throw new TypeError('Failed to fetch');
      return response;
    },
    handle,
    isAuthorized,
    signIn: (claims) => sessions.begin(claims),
    expire: () => sessions.expire(),
    revoke: () => sessions.revoke(),
    fail(options) { Object.assign(outage, withDefaults('fail', options, OUTAGE)); },
    get refreshes() { return sessions.refreshes; },
    get reuses() { return sessions.reuses; },
  };
}

/** The sessions: who is signed in, and with which tokens. */
class Sessions {
  refreshes = 0;
  reuses = 0;
  #settings;
  /** By their refresh tokens, those that were replaced included. */
  #sessions = new Map();
  /** The access tokens that are accepted, and until when, in ms since 1970. */
  #accepted = new Map();

  constructor(settings) { this.#settings = settings; }

  begin(claims) {
    return this.#issue({ claims: { sub: 'user', ...claims }, current: undefined, isRevoked: false });
  }

  /** Returns new tokens; undefined: refused. */
  refresh(token) {
    const session = this.#sessions.get(token);
    if (!session || session.isRevoked) return undefined;
    if (session.current !== token) {
      this.reuses += 1;
      if (this.#settings.reuse === 'revoke') {
        session.isRevoked = true;
        return undefined;
      }
    }
    return this.#issue(session);
  }

  accepts(token) { return Date.now() < (this.#accepted.get(token) ?? 0); }

  expire() { this.#accepted.clear(); }

  revoke() {
    this.expire();
    for (const session of this.#sessions.values()) session.isRevoked = true;
  }

  #issue(session) {
    const { expiresIn, rotation } = this.#settings;
    const now = Math.floor(Date.now() / 1000);
    const accessToken = jwt({ ...session.claims, iat: now, exp: now + expiresIn, jti: unique() });
    this.#accepted.set(accessToken, (now + expiresIn) * 1000);
    if (rotation || !session.current) session.current = `refresh-${unique()}`;
    this.#sessions.set(session.current, session);
    return { accessToken, refreshToken: session.current, expiresIn };
  }
}

// Random, so that two servers do not issue the same: a token that was replaced once is never sent again.
const unique = () => Math.random().toString(36).slice(2);

/** A JWT that nobody has signed: only a server would verify it. */
function jwt(claims) {
  const part = (value) => btoa(ascii(JSON.stringify(value))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.unsigned`;
}

const ascii = (json) => json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const pathOf = (url) => new URL(url, 'http://localhost').pathname;

const bearerOf = ({ headers }) => /^bearer (.*)/i.exec(headers.get('Authorization'))?.[1];

/** The refresh token: RFC 6749 §6 sends a form, `refreshURL` JSON. */
function tokenIn(body, isForm) {
  if (isForm) return new URLSearchParams(body).get('refresh_token');
  try {
    return JSON.parse(body).refreshToken;
  } catch {
    return undefined;
  }
}

function answer(tokens, isForm) {
  if (!tokens) return Response.json({ error: 'invalid_grant' }, { status: 400 });
  if (!isForm) return Response.json(tokens);
  const { accessToken, refreshToken, expiresIn } = tokens;
  return Response.json({
    access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn, token_type: 'Bearer',
  });
}

/** Status 0: it cannot be reached. */
function failure({ status, retryAfter }) {
  if (status === 0) return Response.error();
  const headers = retryAfter === undefined ? {} : { 'Retry-After': `${retryAfter}` };
  return Response.json({ error: 'unavailable' }, { status, headers });
}

/** Reads the arguments of `fetch`. A signal is kept apart: Node's `Request` takes none of jsdom's. */
function read(input, init) {
  const { signal, ...others } = init ?? {};
  const isRequest = typeof input === 'object' && 'url' in input;
  const url = isRequest ? input : new URL(input, globalThis.location?.href ?? 'http://localhost').href;
  return { signal: signal ?? (isRequest ? input.signal : undefined), request: new Request(url, others) };
}

function unlessAborted(answer, signal) {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
