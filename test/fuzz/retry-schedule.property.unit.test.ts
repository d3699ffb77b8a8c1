import { epochMs, instantOf } from '@scenefi/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTryAt, retryAfterMaxMs, retryTableMs } from '../../services/notifier/src/retry-schedule.ts';
import { runs } from './runs.ts';

const tried = fc.record(
  {
    deliveryId: fc.string(),
    tries: fc.integer({ min: 0, max: retryTableMs.length - 1 }),
    at: fc.integer({ min: 0, max: Date.parse('2100-01-01') }).map(instantOf),
    retryAfterMs: fc.integer({ min: 1, max: 10 * retryAfterMaxMs }),
  },
  { requiredKeys: ['deliveryId', 'tries', 'at'], noNullPrototype: true },
);
const scale = fc.double({ min: 0.000_1, max: 1, noNaN: true });
const waitMs = (letter: Parameters<typeof nextTryAt>[0], by = 1): number => epochMs(nextTryAt(letter, by)!) - epochMs(letter.at);

test('a next try is never in the past, never later than the table and the partner together allow, and every process names the same', () => {
  fc.assert(
    fc.property(tried, scale, (letter, by) => {
      const ms = waitMs(letter, by);
      const tableMs = retryTableMs[letter.tries]! * by;
      const wantedMs = Math.min(letter.retryAfterMs ?? 0, retryAfterMaxMs);
      expect(ms).toBeGreaterThanOrEqual(Math.floor(Math.max(0.8 * tableMs, wantedMs)));
      expect(ms).toBeLessThanOrEqual(Math.ceil(Math.max(1.2 * tableMs, wantedMs)));
      expect(nextTryAt(structuredClone(letter), by)).toBe(nextTryAt(letter, by));
    }),
    { ...runs, numRuns: 500 },
  );
});

test('more patience asked for, a later failure or a longer table never bring the next try forward', () => {
  fc.assert(
    fc.property(tried, fc.nat({ max: 2 * retryAfterMaxMs }), scale, (letter, moreMs, by) => {
      const patient = { ...letter, retryAfterMs: (letter.retryAfterMs ?? 0) + moreMs };
      expect(waitMs(patient)).toBeGreaterThanOrEqual(waitMs(letter));
      expect(waitMs(letter)).toBeGreaterThanOrEqual(waitMs(letter, by));
      expect(waitMs({ ...letter, at: instantOf(epochMs(letter.at) + moreMs) })).toBe(waitMs(letter));
    }),
    runs,
  );
});

test('the waits of the table grow, and after the last try there is no other', () => {
  expect(retryTableMs).toEqual([...retryTableMs].sort((left, right) => left - right));
  fc.assert(
    fc.property(tried, fc.nat({ max: 1_000 }), (letter, more) => {
      expect(nextTryAt({ ...letter, tries: retryTableMs.length + more }, 1)).toBeUndefined();
    }),
    runs,
  );
});
