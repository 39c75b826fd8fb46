import { now, type TimelineEvent } from 'tokenflight/devtools';

/** Names the call that a network attempt belongs to: a first attempt and its replay carry the same. */
const CALL_ID = 'X-Request-Id';
// About as many as 25 bursts of 20 calls are made of.
const KEPT_EVENTS = 2500;

/** A receiver of a recorder's events. */
export interface Sink {
  add(event: TimelineEvent): void;
  clear(): void;
}

/** Watches the network from below a client, and the page's calls from above it. */
export class Recorder {
  #events: TimelineEvent[] = [];
  #sinks = new Set<Sink>();
  #open = 0;
  #hasRefreshed = false;

  /** Tells `sink` everything so far and from now on. */
  feed(sink: Sink): void {
    for (const event of this.#events) sink.add(event);
    this.#sinks.add(sink);
  }

  /** The platform's fetch, observed. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const call = new Headers(init?.headers ?? request?.headers).get(CALL_ID);
    const { pathname } = new URL(request?.url ?? String(input), location.href);
    if (pathname.endsWith('/refresh-token')) return this.#refresh(() => fetch(input, init));
    if (!call) return fetch(input, init);
    this.tell({ type: 'sent', call, at: now() });
    const { status, response } = await outcome(fetch(input, init));
    this.tell({ type: 'answered', call, status, at: now() });
    return response;
  };

  async #refresh(send: () => Promise<Response>): Promise<Response> {
    const refresh = crypto.randomUUID();
    this.tell({ type: 'refreshing', refresh, at: now() });
    const { status, response } = await outcome(send());
    this.#hasRefreshed ||= status === 200;
    this.tell({ type: 'refreshed', refresh, status, at: now() });
    return response;
  }

  /** Records a call from its begin, which may be long before its first attempt, to its end. */
  async call<T>(label: string, act: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const call = crypto.randomUUID();
    this.tell({ type: 'called', call, label, at: now() });
    this.#open += 1;
    let ok = false;
    try {
      const result = await act({ [CALL_ID]: call });
      ok = true;
      return result;
    } finally {
      this.#open -= 1;
      this.tell({ type: 'settled', call, ok, at: now() });
    }
  }

  /** Notes that a new token is there; who has not asked for it itself has it from another tab. */
  tokenRefreshed(): void {
    if (!this.#hasRefreshed && this.#open > 0) this.tell({ type: 'adopted', at: now() });
    this.#hasRefreshed = false;
  }

  tell(event: TimelineEvent): void {
    this.#events = [...this.#events.slice(1 - KEPT_EVENTS), event];
    for (const sink of this.#sinks) sink.add(event);
  }

  clear(): void {
    this.#events = [];
    this.#hasRefreshed = false;
    for (const sink of this.#sinks) sink.clear();
  }
}

/** `response` rejects where `status` is 0; whoever asked gets it as it is. */
async function outcome(sending: Promise<Response>): Promise<{ status: number; response: Promise<Response> }> {
  const status = await sending.then((response) => response.status, () => 0);
  return { status, response: sending };
}
