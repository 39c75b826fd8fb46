import { ping, recorder } from './api';
import { byId } from './dom';
import { explain, say } from './messages';
import { type Counts } from './recorder';
import { claims, storedToken, throwSwitch } from './session';
import { drawTimeline } from './timeline';

// The token that the user has expired: its own claims do not know.
let expired: string | null = null;

const NEED_SESSION = ['expire-token', 'fire-20', 'outage', 'revoke-session'];

/** The counters, the switches and the time line beside the shop. */
export function startPanel(): void {
  drawTimeline(recorder, byId('timeline'));
  recorder.onChange(showCounts);
  showCounts();
  setInterval(showLife, 100);
  showLife();

  onClick('expire-token', async () => {
    await throwSwitch('expire');
    expired = storedToken();
    say('The server accepts this token no longer. The next request will get a 401.');
  });
  onClick('fire-20', fire);
  onClick('outage', async () => {
    await throwSwitch('outage', { seconds: 5 });
    say('The token server fails for 5 s. Expire the token and use the shop.');
  });
  onClick('revoke-session', async () => {
    await throwSwitch('revoke');
    expired = storedToken();
    say('The session is revoked. The next request leads to the login page.');
  });
  onClick('second-tab', async () => void window.open(location.href, '_blank', 'noopener'));
  onClick('clear', async () => recorder.clear());
}

function onClick(id: string, act: () => Promise<void>): void {
  byId(id).addEventListener('click', () => void act().catch(explain));
}

async function fire(): Promise<void> {
  const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => ping(index + 1)));
  const good = answers.filter((answer) => answer.status === 'fulfilled' && answer.value === 200).length;
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed) explain(failed.reason);
  else say(`${good} of 20 requests answered with 200.`, good === 20 ? 'good' : 'bad');
}

function showCounts(): void {
  for (const [name, count] of Object.entries(recorder.counts) as [keyof Counts, number][]) {
    byId(`count-${name}`).textContent = String(count);
  }
}

function showLife(): void {
  const token = claims();
  const life = byId('token-life');
  const left = token ? token.until - Date.now() : 0;
  const good = left > 0 && storedToken() !== expired;
  life.dataset.state = !token ? 'none' : good ? 'good' : 'expired';
  life.textContent = !token ? 'no token' : good ? `token lives ${(left / 1000).toFixed(1)} s` : 'token expired';
  for (const id of NEED_SESSION) byId<HTMLButtonElement>(id).disabled = !token;
}
