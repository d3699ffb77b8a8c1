import { courseOf } from './course.ts';
import { type Result, runCourse } from './run.ts';

export type Failure = { seed: number; result: Result };

export type Tally = { seeds: number; events: number; facts: number; faults: number; failures: Failure[] };

export const noSeeds = (): Tally => ({ seeds: 0, events: 0, facts: 0, faults: 0, failures: [] });

export const addTo = (sum: Tally, part: Tally): void => {
  sum.seeds += part.seeds;
  sum.events += part.events;
  sum.facts += part.facts;
  sum.faults += part.faults;
  sum.failures.push(...part.failures);
};

export type Stretch = { from: number; count: number };

/** Runs seed after seed until one fails; each is a world of its own. `goOn` is asked before every seed. */
export const runSeeds = async ({ from, count }: Stretch, goOn = () => true): Promise<Tally> => {
  const tally = noSeeds();
  for (let seed = from; seed < from + count && goOn() && tally.failures.length === 0; seed += 1) {
    const result = await runCourse(courseOf(seed));
    const { events, facts, faults, violations } = result;
    addTo(tally, { seeds: 1, events, facts, faults, failures: violations.length > 0 ? [{ seed, result }] : [] });
  }
  return tally;
};
