import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@scenefi/testing/engines';

/** A small seeded generator (mulberry32), so that a schedule of faults can be played again. */
const seeded = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Stops a process for a while without ending it: connections stay open and nobody answers. */
export const holdProcess = async (pid: number, ms: number): Promise<void> => {
  process.kill(pid, 'SIGSTOP');
  try {
    await pause(ms);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
};

type KillerParts = {
  seed: number;
  names: readonly string[];
  timesEach: number;
  signal: (name: string, signal: NodeJS.Signals) => boolean;
  /** Whether the process is up and working again. */
  ready: (name: string) => Promise<boolean>;
  /** Something that grows while the process works; undefined for one that leaves no trace of its own. */
  progress: (name: string) => Promise<number | undefined>;
};

/**
 * Kills each process so many times with SIGKILL, in a seeded order. Each is held for a seeded moment first, so that work piles up,
 * and killed as soon as it is seen to work on it: in the middle of a batch.
 */
export const killAtSeededMoments = async ({ seed, names, timesEach, signal, ready, progress }: KillerParts): Promise<number> => {
  const random = seeded(seed);
  const order = Array.from({ length: timesEach }, () => [...names].sort(() => random() - 0.5)).flat();
  let killed = 0;
  for (const name of order) {
    await until(`${name} is up`, () => ready(name), 60_000);
    signal(name, 'SIGSTOP');
    await pause(300 + Math.floor(random() * 700));
    const before = await progress(name);
    signal(name, 'SIGCONT');
    await pause(Math.floor(random() * 20));
    for (let looks = 0; before !== undefined && looks < 500 && (await progress(name)) === before; looks += 1) await pause(2);
    if (signal(name, 'SIGKILL')) killed += 1;
  }
  return killed;
};
