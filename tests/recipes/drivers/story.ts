// The functions that a test calls in the page: the same for every client.

import { isSignInRequired } from '#recipes/errors';

const MANY = 20;
const ids = Array.from({ length: MANY }, (_, n) => n + 1);

/** How one client does what every client is asked to do. */
export interface Driver {
  /** The text of a note. Aborting the signal aborts the call by the client's own means, if it has one. */
  read(id: number, signal: AbortSignal): Promise<string>;
  /** Sends a note; resolves with the hash of what the server has accepted. */
  write(text: string): Promise<string>;
  /** The same with a form: a `title` and a `file`. Missing where the client sends no forms. */
  upload?(form: FormData): Promise<string>;
}

type Outcome = { value: string } | { error: string; signInRequired: boolean };

async function hashOf(blob: Blob): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Another one each time, with all that an encoding can spoil. */
function newNote() {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const letters = Array.from(bytes.subarray(0, 10_000), (byte) => String.fromCharCode(0xa0 + byte)).join('');
  return { bytes, text: `"Größe" \\ \u{1f6d2} \u0000 ${letters}` };
}

/** `isOver` tells whether an error says that the session is over. */
export function storyOf(driver: Driver, isOver: (error: unknown) => boolean = isSignInRequired) {
  const outcomeOf = (promise: Promise<string>): Promise<Outcome> => promise.then(
    (value) => ({ value }),
    (error) => ({ error: String(error), signInRequired: isOver(error) }),
  );
  const calls = new Map<number, { controller: AbortController; outcome: Promise<Outcome>; settled: boolean }>();
  return {
    /** Begins twenty calls. */
    begin() {
      for (const id of ids) {
        const controller = new AbortController();
        const call = { controller, outcome: outcomeOf(driver.read(id, controller.signal)), settled: false };
        call.outcome.then(() => { call.settled = true; });
        calls.set(id, call);
      }
    },
    /** Resolves with the outcomes of these calls. */
    outcomes: () => Promise.all([...calls.values()].map(({ outcome }) => outcome)),
    /** Aborts some: what has become of these, how long it took, and how many others have settled by then. */
    async abort(leaving: number[]) {
      const began = performance.now();
      for (const id of leaving) calls.get(id)!.controller.abort();
      const ended = await Promise.all(leaving.map((id) => calls.get(id)!.outcome));
      for (const id of leaving) calls.delete(id);
      const took = performance.now() - began;
      return { ended, took, others: [...calls.values()].filter(({ settled }) => settled).length };
    },
    async write() {
      const { text } = newNote();
      return { accepted: await outcomeOf(driver.write(text)), sent: await hashOf(new Blob([text])) };
    },
    async upload() {
      const { bytes, text: title } = newNote();
      const form = new FormData();
      form.append('title', title);
      form.append('file', new Blob([bytes]), 'file.bin');
      return { accepted: await outcomeOf(driver.upload!(form)), sent: await hashOf(new Blob([title, bytes])) };
    },
  };
}
