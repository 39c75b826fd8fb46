// <tokenflight-devtools>: the time line of an api's session, with those of other tabs in it.

import { Base, make } from './dom.js';
import { follow, sessionOf } from './follow.js';
import { History } from './history.js';
import { plural } from './result.js';
import { panelSheet } from './style.js';
import { Tabs } from './tabs.js';

/** @import { Api } from '../shell/public.js' */
/** @import { Event } from './events.js' */
/** @import { TimelineElement } from './timeline.js' */

const WORDS = [
  ['ok', 'answered', 'the server has answered'],
  ['unauthorized', '401', 'the server does not accept the access token'],
  ['waiting', 'waiting', 'held back until the new token is there'],
  ['refreshing', 'refresh', 'asks the token server for a new token'],
  ['replay', 'replay', 'the same request, sent again with the new token'],
  ['lost', 'failed', 'no answer, or an error'],
];

const STATUS = { signedIn: 'Signed in', signedOut: 'Signed out', unknown: 'Not known yet' };

export class DevtoolsElement extends Base {
  static observedAttributes = ['open'];

  /** @type {Api | null} */
  #api = null;
  /** @type {History | undefined} */
  #history;
  /** @type {(() => void)[]} */
  #leave = [];
  #toggle = button('tokenflight', () => { this.open = !this.open; });
  #status = make('span', 'status');
  #counts = make('span', 'counts');
  #clear = button('Clear', () => this.clear());
  #body = make('div', 'body');
  #timeline = /** @type {TimelineElement} */ (document.createElement('tokenflight-timeline'));

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [panelSheet()];
    const section = make('section');
    section.setAttribute('aria-label', 'tokenflight devtools');
    const head = make('header');
    const title = make('h2');
    title.append(this.#toggle);
    head.append(title, this.#status, this.#counts, this.#clear);
    this.#body.append(legend(), this.#scroller());
    section.append(head, this.#body);
    section.addEventListener('keydown', (event) => this.#close(event));
    root.append(section);
    this.#show();
  }

  connectedCallback() {
    // Properties that were set before the element was defined hide the accessors.
    for (const name of ['api', 'open'].filter((own) => Object.hasOwn(this, own))) {
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#begin();
  }

  disconnectedCallback() {
    this.#end();
  }

  attributeChangedCallback() {
    this.#show();
  }

  get api() {
    return this.#api;
  }

  set api(api) {
    if (api) sessionOf(api, '<tokenflight-devtools>.api');
    this.#end();
    this.#api = api;
    this.#begin();
  }

  get open() {
    return this.hasAttribute('open');
  }

  set open(isOpen) {
    this.toggleAttribute('open', Boolean(isOpen));
  }

  get newest() {
    return this.#timeline.newest;
  }

  clear() {
    this.#history?.clear();
    this.#timeline.clear();
    this.#count();
  }

  #scroller() {
    const scroller = make('div', 'scroller');
    scroller.tabIndex = 0;
    scroller.setAttribute('role', 'region');
    scroller.setAttribute('aria-label', 'Time line, newest first');
    scroller.append(this.#timeline);
    return scroller;
  }

  /** Begins to follow the api, once there are both it and a page. */
  #begin() {
    const api = this.#api;
    if (!api || !this.isConnected || this.#leave.length > 0) return;
    const [keys] = sessionOf(api, 'api');
    const history = this.#history = new History(keys);
    this.#timeline.clear();
    for (const event of history.read()) this.#timeline.add(event);
    const tabs = new Tabs(keys, (event) => this.#add(event));
    const showStatus = () => {
      const { status } = api.session;
      this.#status.dataset['status'] = status;
      this.#status.textContent = STATUS[status];
    };
    this.#leave = [
      () => tabs.close(),
      () => history.close(),
      api.subscribe(showStatus),
      follow(api, (event, isOwn) => {
        this.#add(event);
        if (!isOwn) tabs.tell(event);
      }),
    ];
    showStatus();
    this.#count();
  }

  #end() {
    for (const leave of this.#leave.splice(0)) leave();
  }

  /** @param {Event} event */
  #add(event) {
    this.#history?.add(event);
    this.#timeline.add(event);
    this.#count();
  }

  #count() {
    const all = this.#timeline.tallies;
    const sum = (/** @type {'calls' | 'refreshes' | 'failed'} */ name) => (
      all.reduce((total, burst) => total + burst[name], 0)
    );
    const failed = sum('failed');
    const words = [plural(sum('calls'), 'request'), plural(sum('refreshes'), 'refresh', 'refreshes')];
    if (failed > 0) words.push(`${failed} failed`);
    this.#counts.textContent = words.join(', ');
  }

  #show() {
    this.#toggle.setAttribute('aria-expanded', String(this.open));
    this.#body.hidden = this.#clear.hidden = !this.open;
    this.#timeline.schedule();
  }

  /** @param {KeyboardEvent} event */
  #close(event) {
    if (event.key !== 'Escape' || !this.open) return;
    // Not also a dialog of the page.
    event.stopPropagation();
    this.open = false;
    this.#toggle.focus();
  }
}

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const made = make('button', '', text);
  made.setAttribute('type', 'button');
  made.addEventListener('click', act);
  return made;
}

/** The words of the time line, each with its colour. */
function legend() {
  const details = make('details');
  const list = make('dl');
  for (const [colour, word = '', meaning] of WORDS) {
    const entry = make('div');
    const term = make('dt');
    const swatch = make('i', `bar ${colour}`);
    swatch.setAttribute('aria-hidden', 'true');
    term.append(swatch, word);
    entry.append(term, make('dd', '', meaning));
    list.append(entry);
  }
  details.append(make('summary', '', 'What the colours mean'), list);
  return details;
}
