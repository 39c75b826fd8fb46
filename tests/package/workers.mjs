// Workers: the page only starts one, and passes the story on to it.

import { app, FILES, html, WRITES } from './app.mjs';

const IMPORT_SCRIPTS = `importScripts('${FILES}/index.global.js');\n${WRITES.global}`;

// Each resolves with what takes messages.
const START = {
  module: "new Worker('/worker.js', { type: 'module' })",
  classic: "new Worker('/worker.js')",
  shared: "new SharedWorker('/worker.js', { type: 'module' }).port",
  service: "navigator.serviceWorker.register('/worker.js', { type: 'module' })"
    + '.then(() => navigator.serviceWorker.ready).then(({ active }) => active)',
};

export const workers = [
  { name: 'module worker', start: START.module, writes: WRITES.url },
  { name: 'classic worker', start: START.classic, writes: IMPORT_SCRIPTS },
  { name: 'shared worker', start: START.shared, writes: WRITES.url },
  { name: 'service worker', fast: true, start: START.service, writes: WRITES.url },
].map((worker) => ({ ...worker, play: (fixture) => play(fixture, worker) }));

async function play(fixture, { start, writes }) {
  fixture.write({
    'index.html': html('type="module" src="/main.js"'),
    'main.js': `${TRUST}const worker = await ${start};\n${ASK}`,
    'worker.js': `${TRUST}${app(writes)}\n${ANSWER}`,
  });
  await fixture.play(await fixture.shop());
}

// The strict policy takes no URL of a script from a string, unless the app says which ones it trusts.
const TRUST = "trustedTypes.createPolicy('default', { createScriptURL: (url) => url });\n";

const ASK = `
globalThis.story = (baseURL) => new Promise((resolve, reject) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { seen, error } }) => (error ? reject(error) : resolve(seen));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(baseURL, [port2]);
});
`;

const ANSWER = `
const answer = ({ data, ports: [port] }) => story(data).then(
  (seen) => port.postMessage({ seen }),
  (error) => port.postMessage({ error }),
);
addEventListener('message', answer);
addEventListener('connect', ({ ports: [port] }) => { port.onmessage = answer; });
`;
