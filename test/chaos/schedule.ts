import { type SeededRandom, seededRandom } from '../../services/sandbox/src/seeded-random.ts';

/** What is done to the town, and what must not be done to it twice at a time. */
export const kinds = {
  'kill processes': { codes: 'F1 F2', lane: 'processes' },
  'hold processes': { codes: 'F3', lane: 'processes' },
  'kill leader': { codes: 'F4', lane: 'brokers' },
  'hold leader': { codes: 'F5', lane: 'brokers' },
  'leader dies alone': { codes: 'F4 F5', lane: 'brokers' },
  'full disk': { codes: 'F16', lane: 'brokers' },
  'restart brokers': { codes: 'F6', lane: 'brokers' },
  'lose answers of brokers': { codes: 'F7', lane: 'broker links' },
  'database unreachable': { codes: 'F8', lane: 'database links' },
  'kill database': { codes: 'F9', lane: 'database' },
  'slow database': { codes: 'F10', lane: 'database links' },
  rebalances: { codes: 'F14', lane: 'groups' },
  'rolling restart': { codes: 'F15', lane: 'processes' },
  'wrong clock': { codes: 'F17', lane: 'processes' },
  'fail points': { codes: 'F18', lane: 'processes' },
} as const;
export type Kind = keyof typeof kinds;

export type Planned = { kind: Kind; atMs: number; seed: number };

/** Those that need followers, which a single broker has not. */
const ofSeveral: readonly Kind[] = ['leader dies alone'];
const firstAtMs = 3_000;
const apart = { calmMs: [15_000, 20_000], overlappingMs: [6_000, 9_000] } as const;
/** The last fault begins so long before the end of the schedule. */
const lastBeforeEndMs = 8_000;

export type ScheduleParts = { seed: number; minutes: number; brokers: number; without?: readonly Kind[]; only?: readonly Kind[] };

const drawFrom = (wanted: readonly Kind[], random: SeededRandom): (() => Kind) => {
  let bag: Kind[] = [];
  return () => {
    if (bag.length === 0) bag = random.shuffled(wanted);
    return bag.pop()!;
  };
};

/** One fault every 15–20 s, and in the last third so close together that they overlap; every kind comes before any comes again. */
export const planFaults = ({ seed, minutes, brokers, without = [], only }: ScheduleParts): Planned[] => {
  const random = seededRandom(seed, 7);
  const all = only ?? (Object.keys(kinds) as Kind[]);
  const wanted = all.filter((kind) => !without.includes(kind) && (brokers > 1 || !ofSeveral.includes(kind)));
  const draw = drawFrom(wanted, random);
  const endMs = minutes * 60_000;
  const planned: Planned[] = [];
  for (let atMs = firstAtMs; atMs <= endMs - lastBeforeEndMs; ) {
    planned.push({ kind: draw(), atMs, seed: random.between(1, 2 ** 31) });
    const [min, max] = atMs < (endMs * 2) / 3 ? apart.calmMs : apart.overlappingMs;
    atMs += random.between(min, max);
  }
  return planned;
};
