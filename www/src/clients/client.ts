import { Recorder } from '../recorder';

export interface Tokens { accessToken: string; refreshToken: string }

/** One way to send requests that need a token. Each has a session of its own, so that none disturbs another. */
export interface Client {
  id: 'plain' | 'interceptor' | 'tokenflight';
  name: string;
  recorder: Recorder;
  signIn(tokens: Tokens): Promise<void>;
  /** Rejects unless the answer is a 2xx. */
  send(method: string, url: string, headers: Record<string, string>, body?: object): Promise<unknown>;
}

/** Keeps tokens in `localStorage`, where all windows see them, as the article has it. */
export class StoredTokens {
  readonly client: string;

  constructor(client: string) {
    this.client = client;
  }

  get access(): string | null {
    return localStorage.getItem(`${this.client}.accessToken`);
  }

  get refresh(): string | null {
    return localStorage.getItem(`${this.client}.refreshToken`);
  }

  set({ accessToken, refreshToken }: Tokens): void {
    localStorage.setItem(`${this.client}.accessToken`, accessToken);
    localStorage.setItem(`${this.client}.refreshToken`, refreshToken);
  }

  clear(): void {
    localStorage.removeItem(`${this.client}.accessToken`);
    localStorage.removeItem(`${this.client}.refreshToken`);
  }
}
