// <tokenflight-timeline>: draws bursts of requests while they happen, the newest on top. It needs nothing but events.

import { Bursts, hasWaited, isOpen, type Attempt, type Burst, type Row } from './bursts';
import { now, type TimelineEvent } from './events';
import { describe, tally } from './result';
import { style } from './style';

// What is over sooner (ms) is not stretched: it would look as slow as what takes longer.
const SHORTEST_AXIS = 60;

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export class TimelineElement extends HTMLElement {
  #bursts = new Bursts();
  #drawn = new Map<number, HTMLElement>();
  #finished = new Set<number>();
  #list = make('div');
  #spoken = make('p', 'spoken');
  #scheduled = 0;
  #scale = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    this.#spoken.setAttribute('role', 'status');
    root.append(this.#spoken, this.#list);
  }

  connectedCallback(): void {
    this.#schedule();
  }

  /** Takes an event, in the order in which they happened. */
  add(event: TimelineEvent): void {
    this.#bursts.add(event);
    this.#schedule();
  }

  clear(): void {
    this.#bursts = new Bursts();
    this.#drawn.clear();
    this.#finished.clear();
    this.#spoken.textContent = '';
    this.#schedule();
  }

  get newest(): Burst | undefined {
    return this.#bursts.list[0];
  }

  /** How many milliseconds the newest burst takes, so far. */
  get span(): number {
    return this.newest ? spanOf(this.newest) : 0;
  }

  /** The least that an axis shows, in milliseconds: give several time lines the same, and they can be compared. */
  get scale(): number {
    return this.#scale;
  }

  set scale(milliseconds: number) {
    if (milliseconds === this.#scale) return;
    this.#scale = milliseconds;
    this.#finished.clear();
    this.#schedule();
  }

  #schedule(): void {
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { list } = this.#bursts;
    for (const burst of list) {
      if (this.#finished.has(burst.id)) continue;
      const fresh = drawBurst(burst, this.#scale);
      this.#drawn.get(burst.id)?.replaceWith(fresh);
      this.#drawn.set(burst.id, fresh);
      if (!isOpen(burst)) this.#speak(burst);
      if (burst !== list[0] && !isOpen(burst)) this.#finished.add(burst.id);
    }
    const wanted = list.length > 0 ? list.map(({ id }) => this.#drawn.get(id)!) : [make('p', 'empty', 'Nothing yet.')];
    const there = this.#list.children;
    if (wanted.length !== there.length || wanted.some((node, index) => node !== there[index])) {
      this.#list.replaceChildren(...wanted);
    }
    if (list.some(isOpen) && !matchMedia('(prefers-reduced-motion: reduce)').matches) this.#schedule();
  }

  /** Tells screen readers, once. */
  #speak(burst: Burst): void {
    if (burst !== this.newest) return;
    const text = [this.getAttribute('name'), describe(burst)].filter(Boolean).join(': ');
    if (this.#spoken.textContent !== text) this.#spoken.textContent = text;
  }
}

/** Makes the element known to the page. A module without side effects can be left out of a bundle that does not use it. */
export function defineTimeline(): void {
  if (!customElements.get('tokenflight-timeline')) customElements.define('tokenflight-timeline', TimelineElement);
}

declare global {
  interface HTMLElementTagNameMap { 'tokenflight-timeline': TimelineElement }
}

function make(tag: string, className = '', text = ''): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function spanOf({ rows }: Burst): number {
  const ends = rows.map(({ end }) => end ?? now());
  return Math.max(...ends) - Math.min(...rows.map(({ start }) => start));
}

function drawBurst(burst: Burst, least: number): HTMLElement {
  const start = Math.min(...burst.rows.map((row) => row.start));
  const taken = spanOf(burst);
  const span = Math.max(SHORTEST_AXIS, least, taken);
  const section = make('section', 'burst');
  const rows = make('ul');
  rows.append(...burst.rows.map((row) => drawRow(row, start, span)));
  section.append(
    make('h3', '', `${clock.format(start)} · ${Math.round(taken)} ms`), drawAxis(span), rows,
    make('p', 'result', isOpen(burst) ? '' : describe(burst)),
  );
  for (const [name, value] of Object.entries(tally(burst))) section.dataset[name] = String(value);
  section.dataset.open = String(isOpen(burst));
  return section;
}

/** Two or three ticks, at round times: more would overlap in a narrow column. */
function drawAxis(span: number): HTMLElement {
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

function drawRow(row: Row, start: number, span: number): HTMLElement {
  const item = make('li', `${row.kind}${row.failed ? ' failed' : ''}`);
  const track = make('span', 'track');
  track.setAttribute('aria-hidden', 'true');
  for (const { kind, from, to } of barsOf(row)) {
    const bar = make('i', `bar ${kind}`);
    bar.style.left = `${((from - start) / span) * 100}%`;
    bar.style.width = `${((to - from) / span) * 100}%`;
    track.append(bar);
  }
  item.dataset.label = row.label;
  item.append(make('span', 'label', row.label), track, make('span', 'outcome', outcome(row)));
  return item;
}

interface Bar { kind: string; from: number; to: number }

function barsOf(row: Row): Bar[] {
  const { kind, start, end, attempts } = row;
  if (kind === 'adopted') return [{ kind: 'elsewhere', from: start, to: end ?? now() }];
  const bars: Bar[] = [];
  let free = start;
  for (const [index, attempt] of attempts.entries()) {
    if (kind === 'call' && attempt.start > free) bars.push({ kind: 'waiting', from: free, to: attempt.start });
    free = attempt.end ?? now();
    bars.push({ kind: kindOf(row, attempt, index), from: attempt.start, to: free });
  }
  const waits = kind === 'call' && (attempts.length === 0 || attempts.at(-1)?.status === 401);
  if (waits) bars.push({ kind: 'waiting', from: free, to: end ?? now() });
  return bars;
}

function kindOf(row: Row, { status }: Attempt, index: number): string {
  if (status === null) return row.kind === 'refresh' ? 'refreshing open' : 'open';
  const isLast = index === row.attempts.length - 1;
  if (row.kind === 'call' && row.failed && isLast) return 'lost';
  if (row.kind === 'call' && status === 401) return 'unauthorized';
  if (status === 0 || status >= 400) return 'lost';
  if (row.kind === 'refresh') return 'refreshing';
  return index > 0 ? 'replay' : 'ok';
}

function outcome(row: Row): string {
  const { end, attempts, failed } = row;
  if (attempts.length === 0) return end === null ? 'waiting' : 'not sent';
  const answers: { text: string; times: number }[] = hasWaited(row) ? [{ text: 'waited', times: 1 }] : [];
  for (const { status } of attempts) {
    const text = status === null ? '…' : status === 0 ? 'no answer' : String(status);
    const previous = answers.at(-1);
    if (previous?.text === text) previous.times += 1;
    else answers.push({ text, times: 1 });
  }
  const words = answers.map(({ text, times }) => (times > 1 ? `${text} ×${times}` : text));
  if (failed && row.kind === 'call') words.push('failed');
  return words.join(' → ');
}
