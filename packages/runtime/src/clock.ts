import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '@scenefi/kernel';

/** The machine's own time and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = { number: () => Math.random(), bytes: (size) => randomBytes(size) };

const refreshMs = 10_000;
const lostMs = 20_000;
const skewMaxMs = 2_000;

export type ReferenceClock = Clock & {
  /** Whether the machine's clock is more than two seconds off the reference. */
  wrong(): boolean;
  /** Whether the reference has not answered for 20 seconds. */
  lost(): boolean;
  stop(): void;
};

/** The time of a reference (the database), asked every 10 seconds; timers stay the machine's. Rejects if the first answer fails. */
export const followClock = async (reference: () => Promise<number>, system: Clock = systemClock): Promise<ReferenceClock> => {
  let offsetMs = 0;
  let answeredAt = 0;
  let stopped = false;
  let cancel: () => void = () => undefined;

  const ask = async (): Promise<void> => {
    const before = system.now();
    const answer = await reference();
    answeredAt = system.now();
    offsetMs = answer - (before + answeredAt) / 2;
  };
  const schedule = (): void => {
    // A database that does not answer has its own alarm; the last offset stays good meanwhile.
    if (!stopped)
      cancel = system.after(
        refreshMs,
        () =>
          void ask()
            .catch(() => undefined)
            .then(schedule),
      );
  };
  await ask();
  schedule();
  return {
    now: () => Math.round(system.now() + offsetMs),
    after: system.after,
    wrong: () => Math.abs(offsetMs) > skewMaxMs,
    lost: () => system.now() - answeredAt > lostMs,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
};

/** Compares the machine's clock with the broker's stamps, for a process without a database. */
export const brokerSkew = (clock: Clock) => {
  let skewMs = 0;
  return {
    appended: (brokerMs: number): void => {
      skewMs = clock.now() - brokerMs;
    },
    wrong: (): boolean => Math.abs(skewMs) > skewMaxMs,
  };
};
