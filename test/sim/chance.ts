/** A number in [0, 1) that only the given numbers decide: whoever asks again, or asks less, disturbs nobody else's chance. */
export const chanceOf = (...seeds: readonly number[]): number => {
  let mixed = 0x9e3779b9;
  for (const seed of seeds) {
    mixed = Math.imul(mixed ^ seed, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ (mixed >>> 16);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
};

const known = new Map<string, number>();

/** A word as a number, so that it can decide chance. */
export const numberOf = (word: string): number => {
  const found = known.get(word);
  if (found !== undefined) return found;
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  if (known.size > 50_000) known.clear();
  known.set(word, hash);
  return hash;
};

/** Chance in a row, for what is drawn once before anything runs. */
export type Dice = {
  number(): number;
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  happens(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
};

export const createDice = (...seeds: readonly number[]): Dice => {
  let drawn = 0;
  const number = (): number => {
    drawn += 1;
    return chanceOf(...seeds, drawn);
  };
  const between = (min: number, max: number): number => min + Math.floor(number() * (max - min + 1));
  return {
    number,
    between,
    happens: (probability) => number() < probability,
    pick: (items) => items[between(0, items.length - 1)]!,
  };
};
