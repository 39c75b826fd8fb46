// <tokenflight-timeline>: draws bursts of requests while they happen, the newest on top. It needs nothing but events.

import { Bursts, callsByTab, isOpen, LONG, refreshesOf } from './bursts.js';
import { Base, make } from './dom.js';
import { now } from './events.js';
import { drawRow } from './row.js';
import { describe, tally } from './result.js';
import { timelineSheet } from './style.js';

/** @import { Burst } from './bursts.js' */
/** @import { Event } from './events.js' */

// A burst that is over sooner (ms) is not stretched: it would look as slow as one that takes longer.
const SHORTEST_AXIS = 60;
// More rows than anybody reads would take long to draw, again and again while one of them is under way.
const MOST_ROWS = 100;

export class TimelineElement extends Base {
  #bursts = new Bursts();
  /** @type {Map<number, HTMLElement>} */
  #drawn = new Map();
  /** @type {Set<number>} */
  #finished = new Set();
  #list = make('div');
  #spoken = make('p', 'spoken');
  #scheduled = 0;
  #timer = 0;
  #scale = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [timelineSheet()];
    this.#spoken.setAttribute('role', 'status');
    root.append(this.#spoken, this.#list);
  }

  connectedCallback() {
    this.schedule();
  }

  /** @param {Event} event */
  add(event) {
    this.#bursts.add(event);
    this.schedule();
  }

  clear() {
    this.#bursts = new Bursts();
    this.#drawn.clear();
    this.#finished.clear();
    this.#spoken.textContent = '';
    this.schedule();
  }

  get newest() {
    const [burst] = this.#bursts.list;
    return burst && { ...tally(burst), signedOut: burst.signedOut, text: describe(burst) };
  }

  /** The counts of each burst. */
  get tallies() {
    return this.#bursts.list.map(tally);
  }

  get span() {
    const [burst] = this.#bursts.list;
    return burst ? spanOf(burst) : 0;
  }

  get scale() {
    return this.#scale;
  }

  set scale(milliseconds) {
    if (milliseconds === this.#scale) return;
    this.#scale = milliseconds;
    this.#finished.clear();
    this.schedule();
  }

  schedule() {
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      // Nobody sees one that is hidden, which is drawn when it is shown.
      if (this.getClientRects().length > 0) this.#draw();
    });
  }

  #draw() {
    const { list } = this.#bursts;
    for (const burst of list) {
      if (this.#finished.has(burst.id)) continue;
      const fresh = drawBurst(burst, this.#scale);
      this.#drawn.get(burst.id)?.replaceWith(fresh);
      this.#drawn.set(burst.id, fresh);
      if (isOpen(burst)) continue;
      if (burst === list[0]) this.#speak(burst);
      else this.#finished.add(burst.id);
    }
    const kept = list.map(({ id }) => /** @type {HTMLElement} */ (this.#drawn.get(id)));
    const wanted = kept.length > 0 ? kept : [make('p', 'empty', 'Nothing yet.')];
    const there = this.#list.children;
    if (wanted.length !== there.length || wanted.some((node, index) => node !== there[index])) {
      this.#list.replaceChildren(...wanted);
    }
    const open = list.filter(isOpen);
    if (open.length === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    if (open.some((burst) => spanOf(burst) < LONG)) this.schedule();
    else this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.schedule();
    }, 1000);
  }

  /** Tells screen readers, once. @param {Burst} burst */
  #speak(burst) {
    const text = [this.getAttribute('name'), describe(burst)].filter(Boolean).join(': ');
    if (this.#spoken.textContent !== text) this.#spoken.textContent = text;
  }
}

/** @param {Burst} burst */
const startOf = ({ start, rows }) => Math.min(start, ...rows.map((row) => row.start));

/** @param {Burst} burst */
const spanOf = (burst) => Math.max(burst.start, ...burst.rows.map(({ end }) => end ?? now())) - startOf(burst);

/** @param {Burst} burst @param {number} least ms that the axis shows at least */
function drawBurst(burst, least) {
  const start = startOf(burst);
  const taken = spanOf(burst);
  const span = Math.max(SHORTEST_AXIS, least, taken);
  const clock = new Date(start).toLocaleTimeString('en-GB');
  const section = make('section', 'burst');
  section.append(make('h3', '', `${clock} · ${Math.round(taken)} ms`));
  if (burst.rows.length > 0) section.append(drawAxis(span));
  const above = refreshesOf(burst);
  if (above.length > 0) section.append(drawRows(above, 'above', start, span));
  const tabs = callsByTab(burst);
  for (const [tab, rows] of tabs) {
    if (tab > 0) section.append(make('h4', '', `Other tab ${tab}`));
    section.append(drawRows(rows, tab > 0 ? 'others' : '', start, span));
  }
  section.append(make('p', 'result', isOpen(burst) ? '' : describe(burst)));
  for (const [name, value] of Object.entries(tally(burst))) section.dataset[name] = String(value);
  section.dataset['open'] = String(isOpen(burst));
  return section;
}

/** @param {import('./bursts.js').Row[]} rows @param {string} className @param {number} start @param {number} span */
function drawRows(rows, className, start, span) {
  const list = make('ul', className);
  list.append(...rows.slice(0, MOST_ROWS).map((row) => drawRow(row, start, span)));
  const more = rows.length - MOST_ROWS;
  if (more > 0) list.append(make('li', '', `${more} more`));
  return list;
}

/** Two or three ticks, at round times: more would overlap in a narrow column. @param {number} span */
function drawAxis(span) {
  const axis = make('div', 'axis');
  const ticks = make('span', 'ticks');
  axis.setAttribute('aria-hidden', 'true');
  const power = 10 ** Math.floor(Math.log10(span / 2.4));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= span / 2.4) ?? 10);
  for (let at = 0; at < span * 0.85; at += step) {
    const tick = make('span', '', at === 0 ? '0' : at >= 1000 ? `${at / 1000} s` : `${at} ms`);
    tick.style.left = `${(at / span) * 100}%`;
    ticks.append(tick);
  }
  axis.append(ticks);
  return axis;
}
