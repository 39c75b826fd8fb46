// Version numbers, as tools print them.

/** The first `1.2.3` in a text, or null. */
export function versionIn(text) {
  return /\d+\.\d+\.\d+/.exec(text ?? '')?.[0] ?? null;
}

/** Tells if `version` is `least` or later, comparing only as many parts as `least` has. */
export function isAtLeast(version, least) {
  const have = version.split('.').map(Number);
  const want = least.split('.').map(Number);
  const at = want.findIndex((part, index) => part !== have[index]);
  return at === -1 || have[at] > want[at];
}
