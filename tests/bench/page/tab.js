// One of many tabs: an api, and a call at an agreed time.

import { createApi } from 'tokenflight';

import { refresh } from '../candidates/tokens.js';
import { signInAtServer } from './tokens.js';

const URL = '/api/orders/17';

const api = createApi();
const channel = new BroadcastChannel('bench');

const senders = {
  tokenflight: () => api.fetch(URL),
  /**
   * The lower bound: it is agreed beforehand which tab refreshes, and that one tells the others. No lock, and nothing is
   * read or written for the case that another tab was faster.
   */
  'bare limit': async (leads) => {
    const told = new Promise((resolve) => { channel.onmessage = resolve; });
    await fetch(URL, signed());
    if (leads) {
      await refresh(fetch);
      channel.postMessage(signed());
      return fetch(URL, signed());
    }
    return fetch(URL, (await told).data);
  },
};

const signed = () => ({ headers: { Authorization: `Bearer ${localStorage.getItem('accessToken')}` } });

globalThis.tab = {
  signIn: signInAtServer,
  /** Sends a call at `time` (ms since 1970), and returns after how many milliseconds its answer was there. */
  async callAt(time, how, leads) {
    await new Promise((resolve) => { setTimeout(resolve, time - Date.now()); });
    const began = performance.now();
    const response = await senders[how](leads);
    await response.json();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return performance.now() - began;
  },
};
