// How the attacks of this run are drawn.

const { ATTACK_LONG, ATTACK_SEED, ATTACK_PATH } = process.env;

export const isLong = Boolean(ATTACK_LONG);

/** The short form draws the same cases each time, so that nothing fails but what a change has broken. */
export const SEED = Number(ATTACK_SEED ?? (isLong ? Date.now() % 2 ** 31 : 1));

/** Leads fast-check to the case that has failed before. */
export const PATH = ATTACK_PATH;
