import { Recorder } from '../recorder';
import { StoredTokens, type Client, type Tokens } from './client';

const tokens = new StoredTokens('plain');
const recorder = new Recorder();

/** `fetch` with a header, and nothing else. */
export const plain: Client = {
  id: 'plain',
  name: 'Plain fetch',
  recorder,
  async signIn(fresh: Tokens) {
    tokens.set(fresh);
  },
  async send(method, url, headers, body) {
    const response = await recorder.fetch(`/api${url}`, {
      method,
      headers: {
        ...headers, Authorization: `Bearer ${tokens.access}`, ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    return response.json();
  },
};
