// `tokenflight/devtools`: what becomes of an app's requests, while they happen.

import { define } from '../devtools/dom.js';
import { sessionOf } from '../devtools/follow.js';
import { DevtoolsElement } from '../devtools/panel.js';
import { TimelineElement } from '../devtools/timeline.js';

export { now } from '../devtools/events.js';

export function defineTimeline() {
  define('tokenflight-timeline', TimelineElement);
}

export function defineDevtools() {
  defineTimeline();
  define('tokenflight-devtools', DevtoolsElement);
}

export function mountDevtools(api, { parent, open = false } = {}) {
  if (typeof document !== 'object') {
    throw new Error('mountDevtools: there is no page on a server. Call it in the browser only, as in an effect.');
  }
  sessionOf(api, 'mountDevtools');
  if (parent !== undefined && typeof parent?.append !== 'function') {
    throw new TypeError('mountDevtools: `parent` must be an element.');
  }
  defineDevtools();
  const element = document.createElement('tokenflight-devtools');
  element.toggleAttribute('docked', !parent);
  element.open = open;
  element.api = api;
  (parent ?? document.body ?? document.documentElement).append(element);
  return () => element.remove();
}
