import { type ApiError } from 'tokenflight';

import { byId } from './dom';

/** Says something in the live region. */
export function say(text: string, tone: 'good' | 'bad' | 'plain' = 'plain'): void {
  const region = byId('message');
  region.textContent = text;
  region.dataset.tone = tone;
}

/** Says what went wrong, and what it means for the user. */
export function explain(error: unknown): void {
  say(wordsFor(error), 'bad');
}

function wordsFor(error: unknown): string {
  switch ((error as Partial<ApiError> | null)?.code) {
    case 'REFRESH_UNAVAILABLE':
      return 'You are still signed in; the token server is unavailable. Try again in a moment.';
    case 'SIGN_IN_REQUIRED':
      return 'Your session is over. Please sign in again.';
    case 'SESSION_CHANGED':
      return 'Another session has begun meanwhile. Look again, then try again.';
    case 'HTTP_ERROR':
      return `The server answered ${(error as { status: number }).status}.`;
    default:
      return error instanceof TypeError
        ? 'The server cannot be reached. Try again in a moment.'
        : `Something went wrong: ${error instanceof Error ? error.message : String(error)}`;
  }
}
