import { courseOf } from './course.ts';
import { type Result, runCourse } from './run.ts';

const runsMax = 300;

export type Shrunk = { result: Result; kept: readonly string[]; dropped: number; runs: number };

/** Leaves out what happened in a failed run, first in large parts and then one by one, as long as the same invariant still breaks. */
export const shrink = async (seed: number, failed: Result): Promise<Shrunk> => {
  const course = courseOf(seed);
  const broken = failed.violations[0]!.invariant;
  let kept = [...failed.struck];
  let runs = 0;

  const stillBreaks = async (names: readonly string[]): Promise<boolean> => {
    runs += 1;
    const { violations } = await runCourse(course, { only: new Set(names) });
    return violations[0]?.invariant === broken;
  };

  for (let size = Math.ceil(kept.length / 2); size >= 1 && runs < runsMax; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && runs < runsMax; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await stillBreaks(rest)) kept = rest;
      else at += size;
    }
  }
  const result = await runCourse(course, { only: new Set(kept), traced: true });
  return { result, kept, dropped: failed.struck.length - kept.length, runs };
};
