// The two providers. Times in milliseconds; weights say how often each disruption happens.

export const strict = {
  name: 'no grace',
  grace: 0,
  delays: { there: [20, 100], back: [30, 250], slow: 0.1, long: [400, 800] },
  weights: { any: 4, starter: 2, waiter: 2, offline: 1 },
};

export const lenient = {
  name: 'grace of 10 s',
  grace: 10000,
  // Slow answers, so that there is a middle to hit.
  delays: { there: [20, 100], back: [30, 250], slow: 0.4, long: [300, 900] },
  weights: { any: 4, starter: 4, waiter: 1, offline: 1, midOffline: 1 },
};
