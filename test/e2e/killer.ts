import { setTimeout as pause } from 'node:timers/promises';
import { testRandom, until } from '@scenefi/testing/engines';

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
  const random = testRandom(seed).number;
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
