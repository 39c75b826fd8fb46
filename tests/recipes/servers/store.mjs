// The sessions and tokens behind every imitated server, and what has reached it. How they look on the wire, each
// imitation says itself.

import { randomBytes, randomUUID } from 'node:crypto';

export const USER = 'ada';

const opaque = () => randomBytes(24).toString('base64url');

export class Store {
  /** How many refreshes have arrived, whatever was answered. */
  refreshes = 0;
  /** The refresh tokens that were presented, in order. */
  presented = [];
  /** How many of them had been replaced before. */
  reuses = 0;
  /** The notes that were accepted. */
  accepted = [];
  /** How many sign-outs the server was told of. */
  signOuts = 0;
  /** While true, refreshes get the server's answer of being busy. */
  isBusy = false;
  /** The lifetime of access tokens, in seconds. */
  lifetime = 3600;
  /** When the last JWT was issued, and when it ends, in ms. */
  last = { issuedAt: 0, endsAt: 0 };
  #jwt;
  #sessions = new Set();
  #access = new Map();
  #refresh = new Map();

  constructor(jwt) {
    this.#jwt = jwt;
  }

  /** A demo's rule: the password is the name, before the `@` of an address. */
  accepts(user, password) {
    return user?.split('@')[0] === USER && password === USER;
  }

  begin() {
    const session = { user: USER, isOver: false };
    this.#sessions.add(session);
    return session;
  }

  opaqueToken(session) {
    return this.#keep(opaque(), session);
  }

  /** A JWT with an `exp`; `claims` says what else is in it. The `jti` makes two of one second differ. */
  jwt(session, claims) {
    const exp = Math.ceil(Date.now() / 1000) + this.lifetime;
    this.last = { issuedAt: Date.now(), endsAt: exp * 1000 };
    return this.#keep(this.#jwt.sign({ jti: randomUUID(), exp, ...claims }, { noTimestamp: true }), session);
  }

  refreshToken(session) {
    const token = opaque();
    this.#refresh.set(token, { session, isSpent: false });
    return token;
  }

  /** The session of an access token that is accepted. */
  sessionOf(accessToken) {
    const session = this.#access.get(accessToken);
    if (!session || session.isOver) return undefined;
    return Date.now() < this.#endOf(accessToken) ? session : undefined;
  }

  bearer({ headers }) {
    return this.sessionOf(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]);
  }

  /** The session of a refresh token that is accepted. `rotates`: it is good for one use. */
  redeem(refreshToken, { rotates }) {
    this.presented.push(refreshToken);
    const found = this.#refresh.get(refreshToken);
    if (found?.isSpent) this.reuses += 1;
    if (!found || found.isSpent || found.session.isOver) return undefined;
    found.isSpent = rotates;
    return found.session;
  }

  /** No access token that was issued so far is accepted any more. */
  expire() {
    this.#access.clear();
  }

  /** The server ends all sessions. */
  end() {
    for (const session of this.#sessions) session.isOver = true;
  }

  /** The user ends a session, by any of its tokens. */
  signOut(token) {
    const session = this.#access.get(token) ?? this.#refresh.get(token)?.session;
    if (!session) return;
    session.isOver = true;
    this.signOuts += 1;
  }

  /** An opaque token says no end. */
  #endOf(token) {
    return token.includes('.') ? this.#jwt.decode(token).exp * 1000 : Infinity;
  }

  #keep(token, session) {
    this.#access.set(token, session);
    return token;
  }
}

/** The access token in the header of a request. */
export const bearerIn = ({ headers }) => headers.authorization?.replace(/^Bearer /, '');
