import type { Random } from '@scenefi/kernel';

/** Chance that a seed decides: the same seeds give the same course everywhere. Never fit for secrets. */
export type SeededRandom = Random & {
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  happens(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
};

const mix = (seeds: readonly number[]): number => seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed ^ (seed >>> 16), 0x9e3779b1) + 1, 0);

/** Mulberry32 over the mixed seeds. */
export const seededRandom = (...seeds: number[]): SeededRandom => {
  let state = mix(seeds);
  const number = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(number() * (max - min + 1));
  return {
    number,
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => between(0, 255))),
    between,
    happens: (probability) => number() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[between(0, items.length - 1)]!;
    },
    shuffled: (items) => {
      const mixed = [...items];
      for (let last = mixed.length - 1; last > 0; last -= 1) {
        const other = between(0, last);
        [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
      }
      return mixed;
    },
  };
};
