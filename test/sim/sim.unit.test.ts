import { expect, test } from 'vitest';
import { courseOf } from './course.ts';
import { mutants } from './mutants.ts';
import { runCourse } from './run.ts';
import { runSeedsOnCores } from './seed-workers.ts';
import { runSeeds } from './seeds.ts';

/** Two hundred seeds take four seconds; a machine that does everything at once runs fewer of them. */
const seeds = 200;
const patienceMs = 30_000;

test('whatever happens to the machines, nothing is lost or doubled and everything comes to rest', async () => {
  const startedMs = performance.now();
  const tally = await runSeeds({ from: 1, count: seeds }, () => performance.now() - startedMs < patienceMs);

  expect(tally.failures.map(({ seed, result }) => ({ seed, violations: result.violations }))).toEqual([]);
  expect(tally.seeds).toBeGreaterThan(10);
  // Where nothing goes wrong, nothing is proven.
  expect(tally.faults / tally.seeds).toBeGreaterThan(3);
  expect(tally.facts / tally.seeds).toBeGreaterThan(10);
}, 120_000);

test('seeds that are spread over the cores come to the same as one after the other', async () => {
  const few = { from: 1, count: 30 };
  expect(await runSeedsOnCores(few, () => true)).toEqual(await runSeeds(few));
}, 120_000);

test('the same seed has the same course to the last line', async () => {
  const stormy = Array.from({ length: 100 }, (_, index) => courseOf(index + 1)).find(
    ({ blows, stimuli }) => blows.length > 5 && stimuli.length > 5,
  )!;

  const first = await runCourse(stormy, { traced: true });
  const second = await runCourse(stormy, { traced: true });

  expect(first.trace.length).toBeGreaterThan(100);
  expect(first.trace.filter((line) => line.includes('BLOW'))).toHaveLength(stormy.blows.length);
  expect(second.trace).toEqual(first.trace);
}, 120_000);

test('what is left out of a course does not happen, and the rest does', async () => {
  const course = courseOf(4);
  const [first, ...others] = course.stimuli.map(({ id }) => id);

  const { struck } = await runCourse(course, { only: new Set(others) });

  expect(struck).toEqual(others);
  expect(struck).not.toContain(first);
}, 120_000);

test('a world gives back the network and the time of the machine', async () => {
  const own = { fetch: globalThis.fetch, now: Date.now, timeout: AbortSignal.timeout };

  await runCourse(courseOf(2));

  expect({ fetch: globalThis.fetch, now: Date.now, timeout: AbortSignal.timeout }).toEqual(own);
}, 120_000);

test('there are mutants for the rules that the design stands on', () => {
  expect(mutants().length).toBeGreaterThanOrEqual(20);
});
