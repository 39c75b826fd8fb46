/**
 * A live view of an app's requests: calls, waits, refreshes and replays, of this tab and of others. No token is shown, no
 * header, no body and no query.
 *
 * @example
 * import { mountDevtools } from 'tokenflight/devtools';
 * import { api } from './api';
 *
 * const unmount = mountDevtools(api);
 *
 * @packageDocumentation
 */

import type { Api } from './index.js';

/**
 * Adds `<tokenflight-devtools>` to the page: at the bottom of the window, closed to a button, unless the options say
 * otherwise. It shows the requests of all clients that share the session of `api`, and those of other tabs in which it is
 * mounted as well.
 *
 * @param api what `createApi` has returned.
 * @returns a function that removes it. The api goes on as before.
 * @throws {TypeError} when `api` is something else, or `parent` is no element.
 * @throws {Error} on a server, where there is no page. Importing the module does nothing, and is fine there.
 */
export function mountDevtools(api: Api, options?: DevtoolsOptions): () => void;

/**
 * Makes `<tokenflight-devtools>` and `<tokenflight-timeline>` known to the page, for markup of your own: set the property
 * `api` of a {@link DevtoolsElement}. `mountDevtools` does it by itself.
 */
export function defineDevtools(): void;

/** Makes `<tokenflight-timeline>` alone known to the page. */
export function defineTimeline(): void;

/** The time of an event: milliseconds since 1970, with fractions, comparable over page loads and tabs. */
export function now(): number;

/** Options of {@link mountDevtools}. */
export interface DevtoolsOptions {
  /** The element to put it in, in the flow of the page. Default: the page's body, at the bottom of the window. */
  readonly parent?: Element | undefined;
  /** True to begin with the time line open. Default: false. */
  readonly open?: boolean | undefined;
}

/** The element `<tokenflight-devtools>`. */
export interface DevtoolsElement extends HTMLElement {
  /** The api whose requests are shown. Setting something else throws a `TypeError`. */
  api: Api | null;
  /** True while the time line is open; also an attribute. */
  open: boolean;
  /** As {@link TimelineElement.newest}. */
  readonly newest: BurstResult | undefined;
  /** Forgets what it has shown. */
  clear(): void;
}

/**
 * The element `<tokenflight-timeline>`: draws what it is told, of whichever client. Its attribute `name` is said to screen
 * readers before each result.
 */
export interface TimelineElement extends HTMLElement {
  /** Takes an event, in the order in which they happened. */
  add(event: TimelineEvent): void;
  /** Forgets all events. */
  clear(): void;
  /** The burst that began last: calls that overlap in time, or follow one another within 250 ms. */
  readonly newest: BurstResult | undefined;
  /** How long the newest burst has taken so far, in ms. */
  readonly span: number;
  /** The least that an axis shows, in ms: give several time lines the same, and they can be compared. Default: 0. */
  scale: number;
}

/** An event of a time line: one thing that happened. */
export type TimelineEvent =
  | Called
  | Sent
  | Answered
  | Settled
  | Refreshing
  | Refreshed
  | Adopted
  | SignedOut
  | Left;

/** Something that happens at a moment. */
export interface Moment {
  /** As {@link now} gives it, in ms. */
  at: number;
}

/** The app has asked for something. */
export interface Called extends Moment {
  /** The kind of event. */
  type: 'called';
  /** Names the call in the events that follow. */
  call: string;
  /** Such as `GET /orders`. */
  label: string;
}

/** The request goes out, for the first time or once more. */
export interface Sent extends Moment {
  /** The kind of event. */
  type: 'sent';
  /** The call that it belongs to. */
  call: string;
}

/** An attempt has ended. */
export interface Answered extends Moment {
  /** The kind of event. */
  type: 'answered';
  /** The call that it belongs to. */
  call: string;
  /** Of HTTP; 0 when no answer came. */
  status: number;
}

/** The app has its answer, or its error. */
export interface Settled extends Moment {
  /** The kind of event. */
  type: 'settled';
  /** The call that has ended. */
  call: string;
  /** False for an error. */
  ok: boolean;
  /** The name of the error. An `AbortError` counts as no failure. */
  error?: string | undefined;
}

/** The token server is asked. */
export interface Refreshing extends Moment {
  /** The kind of event. */
  type: 'refreshing';
  /** Names the refresh in the event that ends it. */
  refresh: string;
}

/** The token server has answered, or has not. */
export interface Refreshed extends Moment {
  /** The kind of event. */
  type: 'refreshed';
  /** The refresh that has ended. */
  refresh: string;
  /** Of HTTP; 0 when no answer came. */
  status: number;
}

/** Another tab has refreshed, and this one uses what that brought. */
export interface Adopted extends Moment {
  /** The kind of event. */
  type: 'adopted';
}

/** The session has ended. */
export interface SignedOut extends Moment {
  /** The kind of event. */
  type: 'signedOut';
}

/** The page is left: whatever was under way has ended. */
export interface Left extends Moment {
  /** The kind of event. */
  type: 'left';
}

/** How many there were of each in a burst. */
export interface BurstCounts {
  /** Calls of all tabs. */
  calls: number;
  /** Tabs that have made them. */
  tabs: number;
  /** Calls that got a 401. */
  unauthorized: number;
  /** Calls that were held back until the new token was there. */
  waited: number;
  /** Calls that were sent a second time. */
  replays: number;
  /** Calls that ended in an error. Those that the app itself has aborted do not count. */
  failed: number;
  /** Refreshes that were sent. */
  refreshes: number;
  /** Those of them to which the server gave no answer, or a 5xx. */
  unavailable: number;
  /** Those of them that the server refused. */
  refused: number;
  /** True if another tab has refreshed. */
  adopted: boolean;
}

/** The result of a burst. */
export interface BurstResult extends BurstCounts {
  /** True if the session has ended with it. */
  signedOut: boolean;
  /** The same in words. */
  text: string;
}

declare global {
  interface HTMLElementTagNameMap {
    'tokenflight-devtools': DevtoolsElement;
    'tokenflight-timeline': TimelineElement;
  }
}
