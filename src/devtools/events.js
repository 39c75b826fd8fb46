// The events that a time line is told. It knows nothing else: not who sends the requests, nor how.

/** @import { TimelineEvent } from '../npm/devtools.js' */

/** An event, and the tab that it is from: none for this one. @typedef {TimelineEvent & { tab?: string }} Event */

/** Comparable over page loads and tabs, unlike `performance.now()`; in ms. */
export const now = () => performance.timeOrigin + performance.now();
