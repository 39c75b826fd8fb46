// The demo's first page where there is no server: a service worker answers in its place.

import { defineTimeline } from 'tokenflight/devtools';

import { byId } from '../src/dom';
import { say } from '../src/messages';
import { story } from '../src/views/story';

async function startWorker(): Promise<void> {
  const workers = navigator.serviceWorker;
  await workers.register('./worker.js', { type: 'module' });
  if (!workers.controller) await new Promise((resolve) => { workers.addEventListener('controllerchange', resolve, { once: true }); });
}

try {
  await startWorker();
  defineTimeline();
  byId('view').replaceChildren(story());
} catch {
  say('This page needs a service worker, which this browser does not allow here. Run the demo with npm start.', 'bad');
}
