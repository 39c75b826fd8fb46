// Every refresh that has reached the server, and how far it has come:
//
//   parked ─► entered ─► answered ─► stored     parked: before the provider, which knows nothing of it yet
//      │         └───────► refused               stored: by the page that asked, as that page reports
//      └───────► dropped

/** The time to store an answer, in ms: a page that has not done so by then never will. */
const TO_STORE = 2000;

export class Refreshes {
  all = [];
  #waiting = new Set();
  #ended = new Set();

  arrived(life) {
    const refresh = { life, state: 'parked', arrivedAt: Date.now(), isCut: false, abortedAt: null };
    this.all.push(refresh);
    this.changed();
    return refresh;
  }

  move(refresh, state) {
    refresh.state = state;
    refresh[`${state}At`] = Date.now();
    this.changed();
  }

  /** A page has written `value` into the storage under `key`. */
  stored(life, key, value) {
    for (const refresh of this.all) {
      if (refresh.life !== life || !refresh.answer || refresh.storedAt) continue;
      if (key === 'accessToken' && refresh.answer.access_token === value) refresh.hasAccess = true;
      if (key === 'refreshToken' && refresh.answer.refresh_token === value) refresh.hasRefresh = true;
      if (refresh.hasAccess && refresh.hasRefresh) this.move(refresh, 'stored');
    }
  }

  /** Nobody will store what this page's refreshes bring. */
  lifeEnded(life, isDriver) {
    this.#ended.add(life);
    if (isDriver) for (const refresh of this.#open(life)) refresh.cutAt = Date.now();
    this.changed();
  }

  hasEnded(life) {
    return this.#ended.has(life);
  }

  /** Between the provider's door and the page's storage: a page that ends here takes the session with it. */
  isUnderWay(life) {
    const others = this.all.map((refresh) => refresh.life).filter((each) => !this.#ended.has(each));
    const lives = life ? [life] : [...new Set(others)];
    return lives.some((each) => this.#open(each).some(({ state }) => state !== 'parked'));
  }

  /** Returns a page's refreshes that are neither refused nor stored. */
  #open(life) {
    const now = Date.now();
    return this.all.filter((refresh) => refresh.life === life && (
      refresh.state === 'parked' || refresh.state === 'entered'
      || (refresh.state === 'answered' && now < refresh.answeredAt + TO_STORE)
    ));
  }

  /** Returns true if any page had stored a later generation than this one by then. */
  hadLater(generation, by) {
    return this.all.some(({ brought, storedAt }) => storedAt < by && brought.number > generation.number);
  }

  parked(life) {
    return this.all.filter((refresh) => (
      refresh.state === 'parked' && !refresh.isCut && (life === undefined || refresh.life === life)
    ));
  }

  /** Those that the provider has granted and whose page is still waiting for the answer. */
  get granted() {
    return this.all.filter(({ state, answer }) => state === 'entered' && answer);
  }

  /** Waits until `question` has an answer that is not falsy; null when it has none for too long. */
  async until(question, milliseconds) {
    const end = Date.now() + milliseconds;
    for (;;) {
      const answer = question();
      if (answer) return answer;
      if (Date.now() >= end) return null;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
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
