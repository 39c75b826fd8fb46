import { type DevtoolsElement } from 'tokenflight/devtools';

import { api, ping } from './api';
import { byId } from './dom';
import { explain, say, showOutage } from './messages';
import { claims, storedToken, throwSwitch } from './session';

const OUTAGE_SECONDS = 5;

// The token that the user has expired: its own claims do not know.
let expired: string | null = null;

const NEED_SESSION = ['expire-token', 'fire-20', 'outage', 'revoke-session'];

/** The switches and the time line beside the shop. */
export function startPanel(): void {
  const devtools = byId<DevtoolsElement>('timeline');
  devtools.api = api;
  setInterval(showLife, 100);
  showLife();

  onClick('expire-token', async () => {
    await expire();
    say('The server no longer accepts your token. The next request will get a 401.');
  });
  onClick('fire-20', () => fire(devtools));
  onClick('outage', async () => {
    await throwSwitch('outage', { seconds: OUTAGE_SECONDS });
    const end = Date.now() + OUTAGE_SECONDS * 1000;
    await expire();
    say(`Your token has expired, and the token server fails for ${OUTAGE_SECONDS} s. Use the shop.`);
    await showOutage(end);
  });
  onClick('revoke-session', async () => {
    await throwSwitch('revoke');
    expired = storedToken();
    say('The session is revoked. The next request leads to the login page.');
  });
  onClick('second-tab', async () => void window.open(location.href, '_blank', 'noopener'));
}

async function expire(): Promise<void> {
  await throwSwitch('expire');
  expired = storedToken();
}

function onClick(id: string, act: () => Promise<void>): void {
  byId(id).addEventListener('click', (event) => {
    // A button that is switched off keeps its place in the tab order, and the focus.
    const isOff = (event.currentTarget as HTMLElement).ariaDisabled === 'true';
    if (isOff) say('Sign in first.');
    else void act().catch(explain);
  });
}

async function fire(devtools: DevtoolsElement): Promise<void> {
  const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => ping(index + 1)));
  const good = answers.filter((answer) => answer.status === 'fulfilled' && answer.value === 200).length;
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed) return explain(failed.reason);
  say(`${good} of 20 requests were answered with 200. ${devtools.newest?.text ?? ''}`, good === 20 ? 'good' : 'bad');
}

function showLife(): void {
  const token = claims();
  const life = byId('token-life');
  const left = token ? token.until - Date.now() : 0;
  const good = left > 0 && storedToken() !== expired;
  life.dataset.state = !token ? 'none' : good ? 'good' : 'expired';
  life.textContent = !token ? 'No token' : good ? `Token valid for ${(left / 1000).toFixed(1)} s` : 'Token expired';
  for (const id of NEED_SESSION) byId(id).ariaDisabled = token ? null : 'true';
}
