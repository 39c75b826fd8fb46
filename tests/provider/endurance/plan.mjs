// The plan of a run: for each expiry a pause, and what else happens. The same seed gives the same plan; how the machine
// schedules it is another matter.

import { seeded } from '../random.mjs';

// `moment`: between refreshes (idle), while a refresh is on its way to the provider (parked), or between the provider's
// grant and its answer (granted). `target`: the tab whose refresh that is, another one, or all.
const BAG = [
  ['kill', 'idle', 'other', 3], ['kill', 'parked', 'refresher', 2], ['kill', 'parked', 'other', 1],
  ['kill', 'granted', 'other', 1],
  ['freeze', 'idle', 'other', 2], ['freeze', 'parked', 'refresher', 1], ['freeze', 'granted', 'refresher', 1],
  ['freeze', 'granted', 'other', 1],
  ['offline', 'idle', 'other', 1], ['offline', 'parked', 'refresher', 1], ['offline', 'idle', 'all', 1],
  ['clock', 'idle', 'all', 2], ['clock', 'parked', 'all', 1], ['clock', 'granted', 'all', 1],
  ['delete', 'idle', 'other', 1], ['delete', 'parked', 'other', 1], ['delete', 'parked', 'refresher', 1],
  ['delete', 'granted', 'other', 1], ['delete', 'granted', 'refresher', 1],
  ['outage', 'idle', 'all', 1],
  ['slow', 'idle', 'all', 2],
];

// The answer is lost with its tab or its network, or waits for longer than other tabs do: a strict provider ends the
// session, whatever the client does. Each other bag holds one of them.
const HOPELESS = [
  ['kill', 'granted', 'refresher', 1], ['offline', 'granted', 'refresher', 1], ['freeze', 'granted', 'refresher', 1, true],
];

const SHARE = 0.6; // of expiries with a disruption
const MINUTE = 60_000;

/** Ranges in ms. What lasts is long enough for other tabs to take over, or short enough for them to wait. */
const RANGES = {
  kill: () => [200, 2500], // until another tab is opened in its place
  freeze: ({ target, isLong }) => (target === 'refresher' && !isLong ? [150, 600] : [1500, 9000]),
  offline: () => [400, 2500],
  outage: () => [800, 2500],
};

/** @param {{ seed: string, expiries: number, kinds: string[] }} options `kinds`: what the engine can do */
export function planOf({ seed, expiries, kinds }) {
  const random = seeded(seed, 'plan');
  const draw = drawFrom(random, kinds);
  return Array.from({ length: expiries }, () => ({
    pause: random.between(20, 250),
    disruption: random.chance(SHARE) ? detailed(draw(), random) : null,
  }));
}

/** Draws without putting back: each entry comes before any comes again. */
function drawFrom(random, kinds) {
  let bag = [];
  let filled = 0;
  return () => {
    if (bag.length === 0) {
      filled += 1;
      const entries = filled % 2 === 0 ? [...BAG, random.pick(HOPELESS)] : BAG;
      bag = entries.filter(([kind]) => kinds.includes(kind))
        .flatMap(([kind, moment, target, times, isLong]) => Array(times).fill({ kind, moment, target, isLong }));
    }
    return bag.splice(random.between(0, bag.length - 1), 1)[0];
  };
}

function detailed(disruption, random) {
  const { kind } = disruption;
  const range = RANGES[kind]?.(disruption);
  return {
    ...disruption,
    slot: random.between(0, 1e6), // which of the tabs in question
    ...range && { lasts: random.between(...range) },
    ...kind === 'kill' && { isCrash: random.chance(0.5) },
    ...kind === 'clock' && { shift: random.between(-25, 25) * MINUTE },
    // Every other slow answer comes after the client has given up waiting for it.
    ...kind === 'slow' && { delay: random.chance(0.5) ? random.between(500, 2500) : random.between(4300, 6000) },
  };
}
