// Faults of storages, databases, locks and globals, in documents of each kind: whoever calls is answered, and when the
// faults are gone, everything works.

import fc from 'fast-check';

import { FAULTS, STORAGES } from './broken.js';
import { inTime } from './kit.js';

/** Frames that are tried beside each other: most of their time is waiting. */
const AT_ONCE = 24;

/** Each makes a frame in which `frame.js` runs. */
const DOCUMENTS = {
  'of our origin': (frame) => { frame.src = '/frame'; },
  srcdoc: (frame) => { frame.srcdoc = `<script type="module" src="${location.origin}/attack/frame.js"></script>`; },
  sandboxed: (frame) => { frame.sandbox = 'allow-scripts'; frame.src = '/frame'; },
  'sandboxed srcdoc': (frame) => {
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = `<script type="module" src="${location.origin}/attack/frame.js"></script>`;
  },
  'data:': (frame) => { frame.src = `data:text/html,<script type="module" src="${location.origin}/attack/frame.js"></script>`; },
  'third-party': (frame, ports) => { frame.src = `http://localhost:${ports[1]}/frame`; },
};

/** Opens a frame, lets it try a case, and takes it away. */
async function tryInFrame({ where, ...one }, ports) {
  const frame = document.createElement('iframe');
  DOCUMENTS[where](frame, ports);
  const { port1, port2 } = new MessageChannel();
  try {
    const ready = new Promise((resolve) => {
      addEventListener('message', function heed({ source, data }) {
        if (source !== frame.contentWindow || data !== 'ready') return;
        removeEventListener('message', heed);
        resolve();
      });
    });
    document.body.append(frame);
    await inTime(ready, `a frame (${where})`);
    const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    frame.contentWindow.postMessage(one, '*', [port2]);
    const told = await inTime(answer, `a case in a frame (${where})`, 60_000);
    if (told.problem) throw new Error(`in a frame (${where}): ${told.problem}`);
    return told;
  } finally {
    port1.close();
    frame.remove();
  }
}

export function faults({ ports }) {
  const counts = {};
  const one = fc.record({
    where: fc.constantFrom('of our origin', 'of our origin', ...Object.keys(DOCUMENTS)),
    faults: fc.uniqueArray(fc.constantFrom(...Object.keys(FAULTS)), { maxLength: 3 }),
    storage: fc.constantFrom('local', 'local', 'session', 'memory', ...Object.keys(STORAGES)),
    hasOptions: fc.boolean(),
  });
  const property = fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: AT_ONCE, size: 'max' }), async (all) => {
    const told = await Promise.allSettled(all.map((each) => tryInFrame(each, ports)));
    const failed = told.find(({ reason }) => reason);
    if (failed) throw failed.reason;
    for (const { value } of told) {
      counts.frames = (counts.frames ?? 0) + 1;
      for (const outcome of value.outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  });
  return { property, facts: async () => counts };
}
