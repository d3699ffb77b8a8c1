import { courseOf } from './course.ts';
import { type Result, runCourse } from './run.ts';

export type Failure = { seed: number; result: Result };

export type Tally = { seeds: number; events: number; facts: number; faults: number; failures: Failure[] };

export type Seeds = {
  from: number;
  count: number;
  /** Stops after so many failures. */
  failuresMax?: number;
  /** Asked before every seed. */
  goOn?: () => boolean;
  ran?: (seed: number, result: Result) => void;
};

/** Runs seed after seed; each is a world of its own. */
export const runSeeds = async ({ from, count, failuresMax = 1, goOn = () => true, ran }: Seeds): Promise<Tally> => {
  const tally: Tally = { seeds: 0, events: 0, facts: 0, faults: 0, failures: [] };
  for (let seed = from; seed < from + count && goOn() && tally.failures.length < failuresMax; seed += 1) {
    const result = await runCourse(courseOf(seed));
    tally.seeds += 1;
    tally.events += result.events;
    tally.facts += result.facts;
    tally.faults += result.faults;
    if (result.violations.length > 0) tally.failures.push({ seed, result });
    ran?.(seed, result);
  }
  return tally;
};
