import { courseOf } from './course.ts';
import { type Result, runCourse } from './run.ts';

export type Failure = { seed: number; result: Result };

export type Tally = { seeds: number; events: number; facts: number; faults: number; failures: Failure[] };

export const noSeeds = (): Tally => ({ seeds: 0, events: 0, facts: 0, faults: 0, failures: [] });

export type Stretch = { from: number; count: number };

/** Runs seed after seed until one fails; each is a world of its own. `goOn` is asked before every seed. */
export const runSeeds = async ({ from, count }: Stretch, goOn = () => true): Promise<Tally> => {
  const tally = noSeeds();
  for (let seed = from; seed < from + count && goOn() && tally.failures.length === 0; seed += 1) {
    const result = await runCourse(courseOf(seed));
    tally.seeds += 1;
    tally.events += result.events;
    tally.facts += result.facts;
    tally.faults += result.faults;
    if (result.violations.length > 0) tally.failures.push({ seed, result });
  }
  return tally;
};
