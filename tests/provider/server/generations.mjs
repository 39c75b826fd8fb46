// Every access token that the provider issued, with the refresh token that came with it: one generation.

// The provider counts in whole seconds, from before its answer was seen here.
const ROUNDING = 1000;

export class Generations {
  #all = [];
  #byAccess = new Map();
  #byRefresh = new Map();
  #visits = new Map(); // call ─► what it came with, each time

  /** `answer` is what the token endpoint answered. */
  issued(answer) {
    const generation = {
      number: this.#all.length + 1,
      expiresAt: (Math.floor(Date.now() / 1000) + answer.expires_in) * 1000,
      lifetime: answer.expires_in * 1000,
      isExpired: false, // whether a request or a refresh came at its end
      seen: null, // when the resource first saw it
      grants: 0, // how often its refresh token was granted another generation
    };
    this.#all.push(generation);
    this.#byAccess.set(answer.access_token, generation);
    this.#byRefresh.set(answer.refresh_token, generation);
    return generation;
  }

  ofAccessToken(token) {
    return this.#byAccess.get(token);
  }

  ofRefreshToken(token) {
    return this.#byRefresh.get(token);
  }

  /** A request brought this access token. */
  met(generation, isAccepted, call) {
    const at = Date.now();
    generation.seen ??= at;
    const hasExpired = !isAccepted && at >= generation.expiresAt - ROUNDING;
    if (hasExpired) generation.isExpired = true;
    this.#visits.set(call, [...this.visits(call), { generation, at, hasExpired }]);
  }

  /** Each time that this call came: with which generation's token, and whether that had expired. */
  visits(call) {
    return this.#visits.get(call) ?? [];
  }

  /** The refresh token was granted. In the last quarter of the life it is for the expiry that is about to come. */
  refreshed(generation) {
    generation.grants += 1;
    if (Date.now() >= generation.expiresAt - generation.lifetime / 4) generation.isExpired = true;
  }

  /** How many access tokens have expired on somebody. */
  get expiries() {
    return this.#all.filter(({ isExpired }) => isExpired).length;
  }

  /** How many were refreshed, each counted once. */
  get ended() {
    return this.#all.filter(({ grants }) => grants > 0).length;
  }

  /** Refreshed although no request had met the end of the access token's life. */
  get needless() {
    return this.#all.filter(({ grants, isExpired }) => grants > 0 && !isExpired).length;
  }
}
