// The first page: an order on an expired token, by three clients.

import { type TimelineElement } from 'tokenflight/devtools';

import { element } from '../dom';
import { type Client } from '../clients/client';
import { explain, say, showOutage } from '../messages';
import { breakTokenServer, CLIENTS, pause, REQUESTS, signInWithExpiredToken, submit } from '../race';
import { Windows } from '../windows';
import { legend } from './legend';

const OUTAGE_SECONDS = 6;
const ALL = 'all';

interface Lane { client: Client; timeline: TimelineElement; verdict: HTMLElement; section: HTMLElement }

let lanes: Lane[] | undefined;
let windows: Windows | undefined;
let isRunning = false;
let chosen: string = ALL;

export function story(): Node {
  lanes ??= CLIENTS.map(newLane);
  windows ??= new Windows(showWindows, (client, wait) => void joinIn(client, wait).catch(explain));
  queueMicrotask(showWindows);
  return element('section', { className: 'story' },
    element('h1', {}, 'Your session expires while you are submitting an order. Watch what happens.'),
    element('p', { className: 'lead' },
      `The access token has just expired, and the page sends ${REQUESTS} requests, one of them the order. Each client sends the same.`),
    element('div', { className: 'controls' }, drawSwitch(), drawButtons()), secondWindow(),
    element('div', { className: 'lanes', data: { chosen } }, ...lanes.map(({ section }) => section)),
    legend());
}

function newLane(client: Client): Lane {
  const timeline = element('tokenflight-timeline', { id: `timeline-${client.id}` });
  timeline.setAttribute('name', client.name);
  client.recorder.feed(timeline);
  const verdict = element('p', { className: 'verdict' });
  const section = element('section', { className: 'card lane', data: { client: client.id } },
    element('h2', {}, client.name), verdict, timeline);
  return { client, timeline, verdict, section };
}

function drawSwitch(): HTMLElement {
  const options = [[ALL, 'All three'], ...CLIENTS.map(({ id, name }) => [id, name] as const)] as const;
  return element('fieldset', { className: 'switch' },
    element('legend', {}, 'Submit it by'),
    ...options.map(([value, label]) => element('label', {},
      element('input', {
        type: 'radio', name: 'client', value, checked: value === chosen,
        on: { change: () => choose(value) },
      }), label)));
}

function choose(value: string): void {
  chosen = value;
  document.querySelector<HTMLElement>('.lanes')!.dataset.chosen = value;
}

function drawButtons(): HTMLElement {
  const button = (id: string, className: string, text: string, act: () => Promise<void>) => element('button', {
    id, className, type: 'button', on: { click: () => void run(act) },
  }, text);
  return element('div', { className: 'buttons' },
    button('submit', 'primary', 'Submit the order', submitAll),
    button('submit-in-outage', '', 'Submit it with the token server down', submitInOutage));
}

function secondWindow(): HTMLElement {
  return element('details', { className: 'second' },
    element('summary', {}, 'With two windows'),
    element('p', {},
      'A second window shares the sessions of this one. Open it, put both side by side, and submit here: both windows submit at '
      + 'once. By tokenflight, one of them refreshes, and the other one has a dashed row “refreshed by another tab”. By the usual '
      + 'interceptor, both refresh with the same token; the server takes the second one for theft and ends the session.'),
    element('button', { id: 'second-window', type: 'button', on: { click: openWindow } }, 'Open a second window'),
    element('p', { id: 'windows', className: 'hint', aria: { live: 'polite' } }));
}

function openWindow(): void {
  const { availWidth, availHeight } = screen;
  window.open(location.href, '', `popup,left=${availWidth / 2},top=0,width=${availWidth / 2},height=${availHeight}`);
}

function showWindows(): void {
  const others = windows?.others ?? 0;
  const status = document.getElementById('windows');
  const button = document.getElementById('submit');
  if (status) status.textContent = others > 0 ? 'A second window is open: both submit together.' : '';
  if (button) button.textContent = others > 0 ? 'Submit the order in both windows' : 'Submit the order';
}

function chosenLanes(): Lane[] {
  return lanes!.filter(({ client }) => chosen === ALL || client.id === chosen);
}

/** One at a time, as a press on a button while it runs would be. The button stays enabled: it keeps the focus. */
async function run(act: () => Promise<void>): Promise<void> {
  if (isRunning) return;
  isRunning = true;
  const buttons = document.querySelectorAll<HTMLElement>('.buttons button');
  for (const button of buttons) button.setAttribute('aria-disabled', 'true');
  try {
    await act();
  } catch (error) {
    explain(error);
  } finally {
    isRunning = false;
    for (const button of buttons) button.removeAttribute('aria-disabled');
  }
}

/** One client after another: a browser sends six requests at a time to a server, whoever they are from. */
async function submitAll(): Promise<void> {
  say('');
  clear(chosenLanes());
  for (const lane of chosenLanes()) {
    await signInWithExpiredToken(lane.client);
    await windows!.submitTogether(lane.client.id);
    await submitOne(lane);
  }
}

/** Another window has been asked to submit, and has signed in for both. */
async function joinIn(id: string, wait: number): Promise<void> {
  const joining = lanes!.filter(({ client }) => client.id === id);
  clear(joining);
  await pause(Math.max(0, wait));
  for (const lane of joining) await submitOne(lane);
}

async function submitInOutage(): Promise<void> {
  const racing = chosenLanes();
  clear(racing);
  const sids = await Promise.all(racing.map(({ client }) => signInWithExpiredToken(client)));
  const end = Date.now() + OUTAGE_SECONDS * 1000;
  await Promise.all(sids.map((sid) => breakTokenServer(sid, OUTAGE_SECONDS)));
  const isBack = showOutage(end);
  for (const lane of racing) await submitOne(lane);
  await isBack;
  say('The token server is back. The order is submitted once more.', 'good');
  for (const lane of racing) await submitOne(lane);
  say('');
}

function clear(racing: Lane[]): void {
  for (const { client, verdict } of racing) {
    client.recorder.clear();
    verdict.textContent = '';
    verdict.dataset.tone = 'plain';
  }
  for (const { timeline } of lanes!) timeline.scale = 0;
}

async function submitOne({ client, timeline, verdict }: Lane): Promise<void> {
  const arrived = await submit(client);
  const scale = Math.max(...lanes!.map((lane) => lane.timeline.span));
  for (const lane of lanes!) lane.timeline.scale = scale;
  const signedOut = timeline.newest?.signedOut ?? false;
  const { failed = 0, unavailable = 0 } = timeline.newest ?? {};
  verdict.dataset.tone = arrived && failed === 0 ? 'good' : 'bad';
  verdict.textContent = arrived
    ? failed === 0 ? 'Order placed. The user notices nothing.' : 'Order placed, but not all requests were answered.'
    : signedOut ? 'Order lost, and the user is signed out.'
      : unavailable > 0 ? 'Not placed yet. The user is still signed in.' : 'Order lost. The user sees an error.';
}
