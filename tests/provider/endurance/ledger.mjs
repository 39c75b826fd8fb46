// All that happened, as the server and the pages tell it. Times are the machine's, in ms.

export class Ledger {
  generations = []; // each access token with the refresh token that came with it
  refreshes = [];
  calls = new Map();
  lives = new Map();
  spells = []; // what was wrong for a while: { kind, lives (null: all), from, to }
  sessions = []; // { beganAt, endedAt, by }
  signOuts = [];
  expiries = [];
  revocations = [];
  counts = {}; // disruptions, by what they were
  story = []; // the same, one by one
  shift = 0; // of the pages' clock
  #byAccess = new Map();
  #byRefresh = new Map();
  #open = new Set(); // calls that have begun and not settled
  #waiting = new Set();

  /** `answer` is the token endpoint's; `from`: the refresh that brought it, or 'sign-in'. */
  issued(answer, { from }) {
    const generation = {
      number: this.generations.length + 1, from, issuedAt: Date.now(), lifetime: answer.expires_in * 1000,
      expiredAt: null, seenAt: null, storedAt: null, grant: null,
    };
    this.generations.push(generation);
    this.#byAccess.set(answer.access_token, generation);
    this.#byRefresh.set(answer.refresh_token, generation);
    this.changed();
    return generation;
  }

  ofAccessToken(token) {
    return this.#byAccess.get(token);
  }

  ofRefreshToken(token) {
    return this.#byRefresh.get(token);
  }

  get newest() {
    return this.generations.at(-1);
  }

  /** From now on no access token of before is accepted. */
  expire() {
    for (const generation of this.generations) generation.expiredAt ??= Date.now();
    this.expiries.push({ at: Date.now(), generation: this.newest });
  }

  refreshArrived(life) {
    const refresh = {
      life, state: 'parked', arrivedAt: Date.now(), shift: this.shift, isCut: false, isAborted: false, brought: null,
    };
    this.refreshes.push(refresh);
    this.changed();
    return refresh;
  }

  /** A request of a call came with this access token. True if that is accepted. */
  visit(id, generation) {
    const isAccepted = Boolean(generation) && generation.expiredAt === null;
    if (isAccepted) generation.seenAt ??= Date.now();
    this.call(id).visits.push({ generation, at: Date.now(), isAccepted });
    this.changed();
    return isAccepted;
  }

  call(id) {
    if (!this.calls.has(id)) {
      this.calls.set(id, { id, life: id.split('-')[0], visits: [], bodies: [], begunAt: null, endedAt: null });
    }
    return this.calls.get(id);
  }

  bornLife(life) {
    this.lives.set(life, { life, bornAt: Date.now(), endedAt: null, how: null, heardAt: null, open: 0 });
  }

  lifeEnded(life, how) {
    Object.assign(this.lives.get(life), { endedAt: Date.now(), how });
    for (const call of this.#open) if (call.life === life) this.#open.delete(call);
    this.changed();
  }

  /** What a page tells of itself. */
  heard(life, { begun = [], ended = [], stored = [], signedOut = [], open }) {
    const record = this.lives.get(life);
    Object.assign(record, { heardAt: Date.now(), open });
    for (const { id, at, method, sent } of begun) {
      this.#open.add(Object.assign(this.call(id), { begunAt: at, method, sent }));
    }
    for (const { id, at, ...outcome } of ended) this.#open.delete(Object.assign(this.call(id), { endedAt: at, outcome }));
    for (const { token, at } of stored) {
      const generation = this.ofAccessToken(token);
      if (generation) generation.storedAt ??= at;
    }
    for (const one of signedOut) this.signOuts.push({ life, ...one });
    this.changed();
  }

  /** Whether a call that began before then is still open in one of these lives. */
  isWaitedFor(before, lives) {
    return [...this.#open].some(({ life, begunAt }) => begunAt <= before && lives.includes(life));
  }

  /** Something is wrong until the returned function is called. */
  spell(kind, lives = null) {
    const spell = { kind, lives, from: Date.now(), to: Infinity };
    this.spells.push(spell);
    return () => { spell.to = Date.now(); };
  }

  /** The spells that touch the time between the two, with `slack` for what follows from them. */
  spellsAt(from, to, { life, kinds, slack = 0 } = {}) {
    return this.spells.filter((spell) => spell.from <= to && from <= spell.to + slack
      && (!kinds || kinds.includes(spell.kind)) && (!life || !spell.lives || spell.lives.includes(life)));
  }

  count(name) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.story.push({ at: Date.now(), name });
  }

  /** Waits until `question` has an answer that is not falsy; null after so many ms. */
  async until(question, ms) {
    const end = Date.now() + ms;
    for (;;) {
      const answer = question();
      if (answer) return answer;
      if (Date.now() >= end) return null;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.min(500, end - Date.now()));
        this.#waiting.add(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  changed() {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
