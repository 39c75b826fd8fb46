// Rounds in which every candidate has its turn, in an order that moves on by one: whatever the machine does at a time,
// it does to all of them, and none always follows the same one.

export async function interleaved(entrants, rounds, measure) {
  const values = Object.fromEntries(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % entrants.length;
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      globalThis.gc?.(); // nobody pays for the garbage of another
      values[entrant.name].push(await measure(entrant));
    }
  }
  return values;
}
