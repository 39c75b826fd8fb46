// The functions that a test calls in a page whose recipe is for a server: the same for every server.

import type { api } from '#recipes/api';

type Recipe = {
  api: typeof api;
  signIn(...credentials: string[]): Promise<void>;
  signOut?(): Promise<void>;
};
type Outcome = { text: string } | { error: string; retryAfter?: number };

const outcomeOf = (call: Promise<{ data: unknown }>): Promise<Outcome> => call.then(
  ({ data }) => ({ text: JSON.stringify(data) }),
  (error) => ({ error: error.code ?? String(error), retryAfter: error.retryAfter }),
);

export function serverStory({ api, signIn, signOut = api.signOut }: Recipe) {
  const signedOut: string[] = [];
  api.on('signedOut', ({ reason }) => signedOut.push(reason));
  return {
    signIn,
    signOut,
    signedOut: () => signedOut,
    status: () => api.session.status,
    /** Sends all at once. */
    calls: (calls: { url: string; text?: string }[]) => Promise.all(calls.map(({ url, text }) => (
      outcomeOf(text === undefined ? api.get(url) : api.post(url, { text }))
    ))),
  };
}
