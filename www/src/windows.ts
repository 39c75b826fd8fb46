// Windows of the demo that submit at the same time.

type Message =
  | { type: 'here' | 'leaving' | 'who'; from: string }
  | { type: 'submit'; from: string; client: string; at: number };

// Longer than a message and a change of localStorage take from one window to another.
const HEAD_START = 400;

/** Tells which other windows show the demo, and lets all of them submit at once. */
export class Windows {
  #me = crypto.randomUUID();
  #others = new Set<string>();
  #channel = new BroadcastChannel('demo');

  /** @param onSubmit is called in the other windows, `wait` milliseconds before they should submit */
  constructor(onChange: () => void, onSubmit: (client: string, wait: number) => void) {
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === 'submit') return onSubmit(data.client, data.at - Date.now());
      if (data.type === 'leaving') this.#others.delete(data.from);
      else this.#others.add(data.from);
      if (data.type === 'who') this.#say('here');
      onChange();
    };
    addEventListener('pagehide', () => this.#say('leaving'));
    addEventListener('pageshow', () => this.#say('who'));
    this.#say('who');
  }

  get others(): number {
    return this.#others.size;
  }

  /** Tells the other windows to submit by that client; resolves when it is time to do so here. */
  async submitTogether(client: string): Promise<void> {
    if (this.#others.size === 0) return;
    const at = Date.now() + HEAD_START;
    this.#channel.postMessage({ type: 'submit', from: this.#me, client, at } satisfies Message);
    await new Promise((resolve) => { setTimeout(resolve, at - Date.now()); });
  }

  #say(type: 'here' | 'leaving' | 'who'): void {
    this.#channel.postMessage({ type, from: this.#me } satisfies Message);
  }
}
