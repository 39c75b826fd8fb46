import { randomBytes, randomUUID } from 'node:crypto';

/** Where a session's tokens travel; chosen when signing in. */
export const STYLES = /** @type {const} */ (['body', 'cookie', 'cookies', 'readable']);

export const DEFAULT_TTL = 5;
export const MAX_TTL = 3600;

// Long enough for every demonstration, short enough that a server left running does not grow for ever.
const FORGET_AFTER = 24 * 3600 * 1000;

/**
 * @typedef {object} Session One sign-in, and the family of refresh tokens that came from it.
 * @property {string} sid
 * @property {string} user
 * @property {number} ttl seconds that an access token of this session lives
 * @property {'body' | 'cookie' | 'cookies' | 'readable'} style
 * @property {string | null} xsrf what a refresh has to repeat in its header, where it has to
 * @property {number} issued how many access tokens there have been; the last one's serial number
 * @property {number} expiredUpTo access tokens up to this serial number are refused
 * @property {string} refreshToken the one that can still be spent
 * @property {Set<string>} spent
 * @property {boolean} revoked
 * @property {number} outageUntil
 * @property {number} usedAt
 * @property {object[]} faults what the next refreshes will meet; filled by tests
 * @property {object[]} attempts what reached the echo; filled in test mode
 * @property {{ refreshes: number, rotations: number, reuses: number, refused: number,
 *   unauthorized: number, orders: number }} counts
 *
 * @typedef {import('./types.js').Claims} Claims
 * @typedef {{ accessToken: string, refreshToken: string, expiresIn: number }} Tokens
 * @typedef {{ error: 'token_missing' | 'token_malformed' | 'token_expired' | 'token_revoked' }} Refusal
 */

/** The sessions of this server, in memory. */
export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  #jwt;

  /** @param {import('@fastify/jwt').JWT} jwt */
  constructor(jwt) {
    this.#jwt = jwt;
  }

  /**
   * A demo's rule, shown on the login page: the password is the name.
   *
   * @param {string} user
   * @param {string} password
   */
  accepts(user, password) {
    return /^[a-z][a-z0-9-]{0,39}$/.test(user) && password === user;
  }

  /**
   * @param {string} user
   * @param {{ ttl?: number, style?: Session['style'], xsrf?: boolean }} [options]
   * @returns {{ session: Session, tokens: Tokens }}
   */
  begin(user, { ttl = DEFAULT_TTL, style = 'body', xsrf = false } = {}) {
    this.#forgetIdle();
    const sid = randomUUID();
    /** @type {Session} */
    const session = {
      sid,
      user,
      ttl,
      style,
      xsrf: xsrf ? newXsrfToken() : null,
      issued: 0,
      expiredUpTo: 0,
      refreshToken: newRefreshToken(sid),
      spent: new Set(),
      revoked: false,
      outageUntil: 0,
      usedAt: Date.now(),
      faults: [],
      attempts: [],
      counts: { refreshes: 0, rotations: 0, reuses: 0, refused: 0, unauthorized: 0, orders: 0 },
    };
    this.#sessions.set(sid, session);
    return { session, tokens: this.#tokens(session) };
  }

  /** @param {unknown} sid */
  find(sid) {
    return typeof sid === 'string' ? this.#sessions.get(sid) : undefined;
  }

  /**
   * The session that a refresh token belongs to, also when the token is spent.
   *
   * @param {string | undefined} refreshToken
   */
  findByRefreshToken(refreshToken) {
    const session = this.find(refreshToken?.split('.', 1)[0]);
    if (!session || !refreshToken) return undefined;
    return session.refreshToken === refreshToken || session.spent.has(refreshToken) ? session : undefined;
  }

  /**
   * The session that an access token names, whether or not the token is still accepted.
   *
   * @param {string | undefined} accessToken
   */
  findByAccessToken(accessToken) {
    try {
      if (!accessToken) return undefined;
      /** @type {Claims | null} */
      const claims = this.#jwt.decode(accessToken);
      return this.find(claims?.sid);
    } catch {
      return undefined;
    }
  }

  /**
   * Spends a refresh token. One that was spent before has been stolen or raced, and nobody can tell who
   * of the two is the user: the whole family is revoked (RFC 9700, section 4.14.2).
   *
   * @param {Session | undefined} session
   * @param {string | undefined} refreshToken
   * @param {{ forgive?: boolean }} [how] `forgive`: a spent one is as good as the one that replaced it
   * @returns {Tokens | null} `null` when refused
   */
  rotate(session, refreshToken, { forgive = false } = {}) {
    if (!session || !refreshToken) return null;
    if (session.spent.has(refreshToken) && !forgive) {
      session.counts.reuses += 1;
      session.revoked = true;
    }
    if (session.revoked) {
      session.counts.refused += 1;
      return null;
    }
    session.spent.add(refreshToken).add(session.refreshToken);
    session.refreshToken = newRefreshToken(session.sid);
    if (session.xsrf) session.xsrf = newXsrfToken();
    session.counts.rotations += 1;
    session.usedAt = Date.now();
    return this.#tokens(session);
  }

  /**
   * @param {string | undefined} accessToken
   * @returns {Session | Refusal}
   */
  check(accessToken) {
    if (!accessToken) return { error: 'token_missing' };
    /** @type {Claims} */
    let claims;
    try {
      claims = this.#jwt.verify(accessToken);
    } catch (error) {
      const expired = /** @type {{ code?: string }} */ (error).code === 'FAST_JWT_EXPIRED';
      return { error: expired ? 'token_expired' : 'token_malformed' };
    }
    const session = this.find(claims.sid);
    if (!session || session.revoked) return { error: 'token_revoked' };
    if (claims.until <= Date.now() || claims.serial <= session.expiredUpTo) return { error: 'token_expired' };
    return session;
  }

  /**
   * @param {Session} session
   * @param {string} [subject]
   */
  accessToken(session, subject = session.user) {
    const now = Date.now();
    const until = now + session.ttl * 1000;
    session.issued += 1;
    return this.#jwt.sign({
      sub: subject,
      sid: session.sid,
      jti: `${session.sid}.${session.issued}`,
      serial: session.issued,
      // `exp` counts whole seconds only; this one makes lifetimes of fractions of a second exact.
      until,
      iat: Math.floor(now / 1000),
      exp: Math.ceil(until / 1000),
    });
  }

  /** @param {Session} session */
  expire(session) {
    session.expiredUpTo = session.issued;
  }

  /** @param {Session} session */
  #tokens(session) {
    return {
      accessToken: this.accessToken(session),
      refreshToken: session.refreshToken,
      expiresIn: session.ttl,
    };
  }

  #forgetIdle() {
    const limit = Date.now() - FORGET_AFTER;
    for (const [sid, session] of this.#sessions) {
      if (session.usedAt < limit) this.#sessions.delete(sid);
    }
  }
}

/** With characters that a cookie holds only when they are escaped. */
function newXsrfToken() {
  return `${randomBytes(12).toString('hex')}=;/`;
}

/** @param {string} sid */
function newRefreshToken(sid) {
  return `${sid}.${randomBytes(24).toString('base64url')}`;
}
