import { chanceOf, numberOf } from './chance.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

/** What may go wrong with one call from a process to something outside. */
export type Fault =
  /** Nothing was done, and the caller is told of an outage. */
  | 'away'
  /** All was done, and the caller is told of an outage. */
  | 'answer-lost'
  /** The caller is told of an outage, and it is done after that all the same. */
  | 'late'
  /** A part was done, and the caller is told of an outage. */
  | 'half'
  /** It was done twice, since the client tried again by itself. */
  | 'doubled'
  | 'slow'
  | 'crash-before'
  | 'crash-after';

/** Where a call goes. */
export type Side = 'database' | 'broker' | 'bank' | 'school' | 'http';

/** How likely each side fails, out of one call. */
export type Weather = Readonly<Record<Side, number>>;

export type Violation = { invariant: string; what: string };

export type WorldOptions = {
  seed: number;
  weather: Weather;
  startMs: number;
  /** From here on nothing goes wrong any more. */
  calmAtMs: number;
  /** Faults that may happen, by name; all of them where it is not given. */
  only?: ReadonlySet<string>;
  traced: boolean;
};

/** What everything of one run has in common: time, chance, the trace, and what was found. */
export type World = {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly startMs: number;
  readonly calmAtMs: number;
  /** A number in [0, 1) for one thing that happens. */
  chance(...about: readonly (string | number)[]): number;
  /** A whole number of milliseconds for one thing that happens. */
  between(min: number, max: number, ...about: readonly (string | number)[]): number;
  /** Which fault strikes a call; `what` tells readers what it was for, `weight` how much more often than others it is struck. */
  faultOf(side: Side, call: string, what: string, possible: readonly Fault[], weight?: number): Fault | undefined;
  /** Whether something that is named may happen in this run. */
  allows(name: string): boolean;
  say(line: () => string): void;
  violate(invariant: string, what: string): void;
  readonly trace: readonly string[];
  readonly violations: readonly Violation[];
  /** The names of the faults that struck. */
  readonly struck: readonly string[];
};

const violationsMax = 20;

export const createWorld = ({ seed, weather, startMs, calmAtMs, only, traced }: WorldOptions): World => {
  const scheduler = createScheduler(startMs);
  const trace: string[] = [];
  const violations: Violation[] = [];
  const struck: string[] = [];

  const chance: World['chance'] = (...about) => chanceOf(seed, ...about.map((part) => (typeof part === 'number' ? part : numberOf(part))));
  const say: World['say'] = (line) => {
    if (traced) trace.push(`${String(scheduler.now() - startMs).padStart(6)}  ${line()}`);
  };
  const allows = (name: string): boolean => !only || only.has(name);

  return {
    seed,
    scheduler,
    startMs,
    calmAtMs,
    chance,
    between: (min, max, ...about) => min + Math.floor(chance(...about) * (max - min + 1)),
    faultOf: (side, call, what, possible, weight = 1) => {
      if (weather[side] === 0 || scheduler.now() >= calmAtMs || possible.length === 0) return undefined;
      if (chance('fault', call) >= weather[side] * weight) return undefined;
      const fault = possible[Math.floor(chance('kind', call) * possible.length)]!;
      const name = `${call} ${what} ${fault}`;
      if (!allows(name)) return undefined;
      struck.push(name);
      say(() => `FAULT ${name}`);
      return fault;
    },
    allows,
    say,
    violate: (invariant, what) => {
      say(() => `VIOLATION ${invariant}: ${what}`);
      if (violations.length < violationsMax) violations.push({ invariant, what });
    },
    trace,
    violations,
    struck,
  };
};
