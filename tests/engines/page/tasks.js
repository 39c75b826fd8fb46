// The tasks that a tab is given. Access and refresh token are where the other tabs look for them too.

import { createApi } from '/tokenflight/index.js';

/** Resolves at `time`, so that all tabs begin together. */
const at = (time) => new Promise((resolve) => { setTimeout(resolve, time - Date.now()); });

/** Lets other work of this tab run; timers of hidden tabs may be a second late. */
const yieldOnce = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(null);
});

async function post(url, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

const store = ({ accessToken, refreshToken }) => {
  localStorage.setItem('refreshToken', refreshToken);
  localStorage.setItem('accessToken', accessToken);
};

/** Refreshes as most libraries do: takes the lock, reads the storage again, refreshes, writes. */
async function plainLock({ begin, times, yielding }) {
  await at(begin);
  for (let n = 0; n < times; n += 1) {
    await navigator.locks.request('refresh', async () => {
      const refreshToken = localStorage.getItem('refreshToken');
      store(await post('/api/test/tolerant-refresh', { refreshToken }));
      if (yielding) await yieldOnce();
    });
  }
}

/**
 * Asks for a rotation by hand, then for a resource whose answer makes every access token expire, until the server
 * has rotated often enough. Resolves with what was met on the way.
 */
async function tokenflight({ begin, rotations }) {
  const met = { refreshes: 0, answers: {} };
  // Without a navigation, so that the tab can tell what happened.
  const api = createApi({ baseURL: '/api', onSignedOut() {} });
  await at(begin);
  for (let done = 0; done < rotations;) {
    await api.refresh();
    met.refreshes += 1;
    const response = await api.fetch('/test/once');
    met.answers[response.status] = (met.answers[response.status] ?? 0) + 1;
    done = Number(response.headers.get('x-rotations'));
  }
  return met;
}

window.tasks = { signIn: async (tokens) => store(tokens), plainLock, tokenflight };
