import { expect, test } from 'vitest';
import { type Kind, kinds, planFaults } from './schedule.ts';

const every = Object.keys(kinds) as Kind[];
const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - times[index]!);

test('the same seed plans the same faults, and another seed plans others', () => {
  const parts = { minutes: 10, brokers: 3 };
  expect(planFaults({ seed: 5, ...parts })).toEqual(planFaults({ seed: 5, ...parts }));
  expect(planFaults({ seed: 5, ...parts })).not.toEqual(planFaults({ seed: 6, ...parts }));
});

test('ten minutes hold every kind of fault at least twice', () => {
  const planned = planFaults({ seed: 3, minutes: 10, brokers: 3 });
  const counts = Map.groupBy(planned, ({ kind }) => kind);
  expect([...counts.keys()].sort()).toEqual([...every].sort());
  expect(Math.min(...[...counts.values()].map((own) => own.length))).toBeGreaterThanOrEqual(2);
});

test('faults come every 15 to 20 seconds, and closer in the last third', () => {
  const times = planFaults({ seed: 9, minutes: 10, brokers: 3 }).map(({ atMs }) => atMs);
  const calm = times.filter((time) => time < 400_000);
  const late = times.slice(calm.length);
  expect(Math.min(...gaps(calm))).toBeGreaterThanOrEqual(15_000);
  expect(Math.max(...gaps(calm))).toBeLessThanOrEqual(20_000);
  expect(Math.max(...gaps(late))).toBeLessThanOrEqual(9_000);
  expect(Math.max(...times)).toBeLessThanOrEqual(592_000);
});

test('a single broker is asked for no fault that needs followers, and what cannot run here is left out', () => {
  const planned = planFaults({ seed: 2, minutes: 30, brokers: 1, without: ['wrong clock'] });
  const kindsPlanned = new Set(planned.map(({ kind }) => kind));
  expect(kindsPlanned.has('leader dies alone')).toBe(false);
  expect(kindsPlanned.has('wrong clock')).toBe(false);
  expect(kindsPlanned.size).toBe(every.length - 2);
});
