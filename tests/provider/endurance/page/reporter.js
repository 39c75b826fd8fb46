// Tells the control what has happened in this page, and does what that says. A worker beats the time: timers of hidden
// pages are slowed down.

const { life, control, beat } = settings;
let told = {};
let isTelling = false;
let beats = () => {};

const worker = new Worker(URL.createObjectURL(new Blob([`setInterval(() => postMessage(null), ${beat})`])));

/** Calls `listener` with each beat. */
export function onBeat(listener) {
  beats = listener;
}

/** Puts something into the next report. */
export function note(list, entry) {
  (told[list] ??= []).push(entry);
}

async function tell(open, orders) {
  if (isTelling) return;
  isTelling = true;
  const report = told;
  told = {};
  try {
    const response = await fetch(control, { method: 'POST', body: JSON.stringify({ life, ...report, open: open() }) });
    const answer = await response.json();
    clock.shift = answer.shift;
    if (answer.isOver) orders.stop();
    for (const { number, type, ...options } of answer.orders) {
      Promise.resolve(orders[type](options)).then((result) => note('done', { number, result: result ?? true }));
    }
  } catch {
    // Offline: with the next report.
    for (const [list, entries] of Object.entries(report)) told[list] = [...entries, ...told[list] ?? []];
  }
  isTelling = false;
}

/** Begins to report. `open()`: how many calls have not settled; `orders`: what the control can ask for, by name. */
export function report(open, orders) {
  worker.onmessage = () => {
    beats();
    tell(open, orders);
  };
}
