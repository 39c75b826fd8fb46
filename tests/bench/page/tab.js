// One of many tabs: an api, and a call at an agreed time.

import { createApi } from 'tokenflight';

import { signInAtServer } from './tokens.js';

const URL = '/api/orders/17';
const SPIN = 15; // ms; timers are not exact

const api = createApi();
const senders = {
  tokenflight: () => api.fetch(URL),
  /** The same requests without any agreement: the 401, then the answer that another token gets. */
  bare: async (token) => {
    await fetch(URL, { headers: { Authorization: `Bearer ${localStorage.getItem('accessToken')}` } });
    return fetch(URL, { headers: { Authorization: `Bearer ${token}` } });
  },
};
const clock = () => performance.timeOrigin + performance.now();

globalThis.tab = {
  signIn: signInAtServer,
  /** Sends a call at `time` (ms since 1970), and returns how many milliseconds later its answer was there. */
  async callAt(time, how, token) {
    await new Promise((resolve) => { setTimeout(resolve, Math.max(0, time - clock() - SPIN)); });
    while (clock() < time);
    const response = await senders[how](token);
    await response.json();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return clock() - time;
  },
};
