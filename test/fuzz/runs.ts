import { randomInt } from 'node:crypto';

const given = process.env.PROPERTY_SEED;

/** How properties are tried: every run draws another seed, which a failure prints; PROPERTY_SEED gives it again. */
export const runs = { seed: given === undefined ? randomInt(2 ** 31) : Number(given), numRuns: 200 };
