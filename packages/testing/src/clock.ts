import type { Clock, Instant, Logger, Meter, Random } from '@scenefi/kernel';

export type TestClock = Clock & {
  /** Moves time on and runs what falls due, in order, letting promises settle between. */
  advance(ms: number): Promise<void>;
  set(at: Instant): void;
};

/** A clock that stands still until a test moves it. */
export const testClock = (at: Instant): TestClock => {
  let now = Date.parse(at);
  let timers: { at: number; run: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    set: (instant) => {
      now = Date.parse(instant);
    },
    advance: async (ms) => {
      const end = now + ms;
      for (;;) {
        await settle();
        const next = timers.filter((timer) => timer.at <= end).sort((left, right) => left.at - right.at)[0];
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
      await settle();
    },
  };
};

/** The same bytes and numbers in every run. */
export const testRandom = (seed = 1): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { number: next, bytes: (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 256))) };
};

export type LogLine = { level: 'debug' | 'info' | 'warn' | 'error'; sentence: string; fields: Readonly<Record<string, unknown>> };

/** A logger that keeps its lines. */
export const keptLogger = (): Logger & { lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']) =>
    (sentence: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ level, sentence, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** A meter that adds up counts by name and labels. */
export const keptMeter = (): Meter & { counts: Map<string, number> } => {
  const counts = new Map<string, number>();
  return {
    counts,
    count: (name, labels = {}, by = 1) => {
      const key = [name, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)].join(' ');
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    observe: () => undefined,
    gauge: () => () => undefined,
  };
};
