import { type ApiError } from 'tokenflight';

import { byId, element } from './dom';

/** Says something in the live region. */
export function say(text: string, tone: 'good' | 'bad' | 'plain' = 'plain'): void {
  const region = byId('message');
  region.textContent = text;
  region.dataset.tone = tone;
}

/** Counts down to the end of an outage of the token server. Resolves when it is over, and takes back what was said of it. */
export async function showOutage(end: number): Promise<void> {
  const seconds = element('span', { aria: { hidden: 'true' } });
  const banner = byId('outage-banner');
  banner.replaceChildren('The token server is down.', seconds);
  for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
    // Not for screen readers: they would read each number.
    seconds.textContent = ` Back in ${Math.ceil(left / 1000)} s.`;
    await new Promise((resolve) => { setTimeout(resolve, Math.min(left, 250)); });
  }
  if (banner.contains(seconds)) banner.replaceChildren();
  if (byId('message').textContent === UNAVAILABLE) say('The token server is back. You are still signed in: try again.', 'good');
}

const UNAVAILABLE = 'You are still signed in. The token server is unavailable: try again in a moment.';

/** Says what went wrong, and what it means for the user. */
export function explain(error: unknown): void {
  say(wordsFor(error), 'bad');
}

function wordsFor(error: unknown): string {
  switch ((error as Partial<ApiError> | null)?.code) {
    case 'REFRESH_UNAVAILABLE':
      return UNAVAILABLE;
    case 'SIGN_IN_REQUIRED':
      return 'Your session is over. Please sign in again.';
    case 'SESSION_CHANGED':
      return 'Somebody has signed in in the meantime. Check the page, then try again.';
    case 'HTTP_ERROR':
      return `The server answered ${(error as { status: number }).status}.`;
    default:
      return error instanceof TypeError
        ? 'The server cannot be reached. Try again in a moment.'
        : `Something went wrong: ${error instanceof Error ? error.message : String(error)}`;
  }
}
