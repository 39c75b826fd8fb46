import { element } from './dom';
import { now, type Attempt, type Burst, type Lane, type Recorder } from './recorder';

// Shorter bursts are not stretched over the whole width: they would look as slow as long ones.
const SHORTEST_AXIS = 60;

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Draws the recorder's bursts, newest on top, while they happen. */
export function drawTimeline(recorder: Recorder, into: HTMLElement): void {
  const drawn = new Map<string, HTMLElement>();
  const finished = new Set<string>();
  let scheduled = false;

  const draw = () => {
    scheduled = false;
    const { bursts } = recorder;
    for (const burst of bursts) {
      if (finished.has(burst.id)) continue;
      const fresh = drawBurst(burst);
      drawn.get(burst.id)?.replaceWith(fresh);
      drawn.set(burst.id, fresh);
      if (burst !== bursts[0] && !isOpen(burst)) finished.add(burst.id);
    }
    const wanted = bursts.map(({ id }) => drawn.get(id)!);
    if (wanted.length !== into.children.length || wanted.some((node, index) => node !== into.children[index])) {
      into.replaceChildren(...wanted);
    }
    for (const id of drawn.keys()) if (!bursts.some((burst) => burst.id === id)) drawn.delete(id);
    if (bursts.some(isOpen)) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  };
  recorder.onChange(schedule);
  schedule();
}

function isOpen({ lanes }: Burst): boolean {
  return lanes.some(({ end }) => end === null);
}

function drawBurst(burst: Burst): HTMLElement {
  const start = Math.min(...burst.lanes.map((lane) => lane.start));
  const end = Math.max(...burst.lanes.map((lane) => lane.end ?? now()));
  const span = Math.max(SHORTEST_AXIS, end - start);
  const calls = burst.lanes.filter(({ kind }) => kind === 'call').length;
  const refreshes = burst.lanes.flatMap(({ kind, attempts }) => (kind === 'refresh' ? attempts : [])).length;
  const words = [
    clock.format(start),
    plural(calls, 'request'),
    ...(refreshes > 0 ? [plural(refreshes, 'refresh', 'refreshes')] : []),
    `${Math.round(end - start)} ms`,
  ];
  return element('section', { className: 'burst', data: { lanes: String(burst.lanes.length) } },
    element('h3', {}, words.join(' · ')),
    element('ul', {}, ...burst.lanes.map((lane) => drawLane(lane, start, span))));
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function drawLane(lane: Lane, start: number, span: number): HTMLElement {
  const place = (bar: HTMLElement, from: number, to: number) => {
    bar.style.left = `${((from - start) / span) * 100}%`;
    bar.style.width = `${((to - from) / span) * 100}%`;
    return bar;
  };
  const bars: HTMLElement[] = [];
  let free = lane.start;
  for (const [index, attempt] of lane.attempts.entries()) {
    if (lane.kind === 'call' && attempt.start > free) bars.push(place(bar('waiting'), free, attempt.start));
    free = attempt.end ?? now();
    bars.push(place(bar(kindOf(lane, attempt, index)), attempt.start, free));
  }
  const last = lane.attempts.at(-1);
  if (lane.kind === 'call' && (!last || last.status === 401)) {
    bars.push(place(bar('waiting'), free, lane.end ?? now()));
  }
  return element('li', { className: lane.kind, data: { label: lane.label } },
    element('span', { className: 'label' }, lane.label),
    element('span', { className: 'track', aria: { hidden: 'true' } }, ...bars),
    element('span', { className: 'outcome' }, outcome(lane)));
}

function bar(kind: string): HTMLElement {
  return element('i', { className: `bar ${kind}` });
}

function kindOf(lane: Lane, { status }: Attempt, index: number): string {
  if (status === null) return lane.kind === 'refresh' ? 'refresh open' : 'open';
  if (status === 401 && lane.kind === 'call') return 'unauthorized';
  if (status === 0 || status >= 400) return 'failed';
  if (lane.kind === 'refresh') return 'refresh';
  return index > 0 ? 'replay' : 'ok';
}

function outcome({ end, attempts, rejected }: Lane): string {
  if (attempts.length === 0) return end === null ? 'held back' : 'not sent';
  const answers: { text: string; times: number }[] = [];
  for (const { status } of attempts) {
    const text = status === null ? '…' : status === 0 ? '✕' : String(status);
    const previous = answers.at(-1);
    if (previous?.text === text) previous.times += 1;
    else answers.push({ text, times: 1 });
  }
  const words = answers.map(({ text, times }) => (times > 1 ? `${text} ×${times}` : text));
  if (rejected && attempts.at(-1)?.status === 401) words.push('✕');
  return words.join(' → ');
}
