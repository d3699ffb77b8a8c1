import type { Clock } from '../../../packages/kernel/src/index.ts';

/** Lets everything that needs no time come to its end. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock that moves only when it is told to. */
export const createTimers = (startMs: number) => {
  let nowMs = startMs;
  let timers: { atMs: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    clock,
    /** Moves the time on and lets every sweep that fell due come to its end, so often. */
    advance: async (ms: number, rounds = 1): Promise<void> => {
      nowMs += ms;
      for (let round = 0; round < rounds; round += 1) {
        const due = timers.filter(({ atMs }) => atMs <= nowMs);
        timers = timers.filter(({ atMs }) => atMs > nowMs);
        for (const { run } of due) run();
        await settled();
        nowMs += 500;
      }
    },
  };
};
