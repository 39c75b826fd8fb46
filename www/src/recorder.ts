/** One trip over the network. Times are milliseconds since 1970, with fractions. */
export interface Attempt {
  start: number;
  end: number | null;
  /** The HTTP status; `0` when there was no answer. */
  status: number | null;
}

/** One call of the shop's with its attempts, or the refresh that calls share. */
export interface Lane {
  id: string;
  kind: 'call' | 'refresh';
  label: string;
  start: number;
  end: number | null;
  attempts: Attempt[];
  /** The caller got an error in place of an answer. */
  rejected?: boolean;
}

/** Lanes that overlap in time, drawn on one time axis. */
export interface Burst {
  id: string;
  lanes: Lane[];
}

export interface Counts {
  requests: number;
  unauthorized: number;
  refreshes: number;
  replays: number;
  orders: number;
  navigations: number;
}

const KEPT_BURSTS = 25;
const STORED_AS = 'demo.timeline';
/** Names the call that a network attempt belongs to: a first attempt and its replay carry the same. */
export const REQUEST_ID = 'X-Request-Id';
// Calls that follow one another this closely are one story.
const GAP = 250;

const noCounts = (): Counts => ({
  requests: 0, unauthorized: 0, refreshes: 0, replays: 0, orders: 0, navigations: 0,
});

/** Watches the network from below the api, and the shop's calls from above it. */
export class Recorder {
  counts = noCounts();
  bursts: Burst[] = [];
  #listeners = new Set<() => void>();

  constructor() {
    this.#restore();
    // The library may leave for the login page at any time; what led to it should still be seen there.
    addEventListener('pagehide', () => this.#store());
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The platform's fetch, observed. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const id = new Headers(init?.headers ?? request?.headers).get(REQUEST_ID);
    const { pathname } = new URL(request?.url ?? String(input), location.href);
    const lane = id ? this.#laneOf(id) : pathname.endsWith('/refresh-token') ? this.#refreshLane() : null;
    if (!lane) return fetch(input, init);

    const attempt: Attempt = { start: now(), end: null, status: null };
    lane.attempts.push(attempt);
    if (lane.kind === 'refresh') this.counts.refreshes += 1;
    else if (lane.attempts.length > 1) this.counts.replays += 1;
    this.#changed();
    try {
      const response = await fetch(input, init);
      attempt.status = response.status;
      return response;
    } catch (error) {
      attempt.status = 0;
      throw error;
    } finally {
      attempt.end = now();
      if (lane.kind === 'refresh') lane.end = attempt.end;
      else if (attempt.status === 401) this.counts.unauthorized += 1;
      this.#changed();
    }
  };

  /** Records a call from its begin, which may be long before its first attempt, to its end. */
  async call<T>(label: string, act: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const id = crypto.randomUUID();
    const lane: Lane = { id, kind: 'call', label, start: now(), end: null, attempts: [] };
    this.#burst().lanes.push(lane);
    this.counts.requests += 1;
    this.#changed();
    try {
      return await act({ [REQUEST_ID]: id });
    } catch (error) {
      lane.rejected = true;
      throw error;
    } finally {
      lane.end = now();
      this.#changed();
    }
  }

  count(name: 'orders' | 'navigations'): void {
    this.counts[name] += 1;
    this.#changed();
  }

  clear(): void {
    this.counts = noCounts();
    this.bursts = [];
    this.#changed();
  }

  #laneOf(id: string): Lane | undefined {
    return this.bursts.flatMap(({ lanes }) => lanes).find((lane) => lane.id === id);
  }

  #refreshLane(): Lane {
    const { lanes } = this.#burst();
    const known = lanes.find(({ kind, end }) => kind === 'refresh' && end !== null && now() - end < 5000);
    if (known) return Object.assign(known, { end: null });
    const lane: Lane = {
      id: crypto.randomUUID(), kind: 'refresh', label: 'refresh', start: now(), end: null, attempts: [],
    };
    lanes.push(lane);
    return lane;
  }

  #burst(): Burst {
    const [newest] = this.bursts;
    if (newest && newest.lanes.some(({ end }) => end === null || now() - end < GAP)) return newest;
    const burst: Burst = { id: crypto.randomUUID(), lanes: [] };
    this.bursts = [burst, ...this.bursts].slice(0, KEPT_BURSTS);
    return burst;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #store(): void {
    sessionStorage.setItem(STORED_AS, JSON.stringify({ counts: this.counts, bursts: this.bursts }));
  }

  #restore(): void {
    const stored = sessionStorage.getItem(STORED_AS);
    if (!stored) return;
    const { counts, bursts } = JSON.parse(stored) as Pick<Recorder, 'counts' | 'bursts'>;
    this.counts = { ...noCounts(), ...counts };
    this.bursts = bursts;
    // What was under way ended with the page that had begun it.
    for (const lane of bursts.flatMap(({ lanes }) => lanes)) {
      lane.end ??= Math.max(lane.start, ...lane.attempts.map(({ start, end }) => end ?? start));
      for (const attempt of lane.attempts) attempt.end ??= lane.end;
    }
  }
}

/** Comparable over page loads, unlike `performance.now()`. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
