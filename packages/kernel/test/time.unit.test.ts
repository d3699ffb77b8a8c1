import { expect, test } from 'vitest';
import { addMs, epochMs, Instant, instantOf, OffsetTime, shanghaiDay, shanghaiTime, toInstant } from '../src/time.ts';

test('an instant is written in UTC with milliseconds, always of the same length, so that strings sort by time', () => {
  expect(instantOf(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(instantOf(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02T03:04:05.000Z');
  expect(instantOf(1_790_000_000_007)).toBe(new Date(1_790_000_000_007).toISOString());
  expect(instantOf(1_790_000_000_007) < instantOf(1_790_000_000_010)).toBe(true);
});

test('asking for the same millisecond twice, and for another between, tells the truth each time', () => {
  const texts = [5, 5, 6, 5].map(instantOf);

  expect(texts).toEqual(['005', '005', '006', '005'].map((ms) => `1970-01-01T00:00:00.${ms}Z`));
});

test.each(['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000+00:00', '2026-01-02 03:04:05.000Z', '2026-01-02T03:04:05.0000Z', ''])(
  '%j is no instant of ours',
  (text) => {
    expect(Instant.safeParse(text).success).toBe(false);
  },
);

test('partners write times with an offset or Z; a local time without either is refused', () => {
  for (const good of ['2026-09-01T10:00:00+08:00', '2026-09-01T02:00:00Z', '2026-09-01T02:00:00.123456Z'])
    expect(OffsetTime.safeParse(good).success, good).toBe(true);
  for (const bad of ['2026-09-01T10:00:00', '2026-09-01', '2026-02-30T00:00:00Z', '2026-09-01T25:00:00Z', 'tomorrow'])
    expect(OffsetTime.safeParse(bad).success, bad).toBe(false);
});

test('the same moment with different offsets is one instant; finer than a millisecond is cut off', () => {
  expect(toInstant('2026-09-30T23:59:59+08:00')).toBe('2026-09-30T15:59:59.000Z');
  expect(toInstant('2026-09-30T15:59:59Z')).toBe('2026-09-30T15:59:59.000Z');
  expect(toInstant('2026-09-30T15:59:59.123999Z')).toBe('2026-09-30T15:59:59.123Z');
  expect(() => toInstant('tomorrow')).toThrow(RangeError);
});

test('milliseconds are added in both directions, over days and leap years', () => {
  expect(addMs('2028-02-28T23:59:59.999Z', 1)).toBe('2028-02-29T00:00:00.000Z');
  expect(addMs('2026-01-01T00:00:00.000Z', -1)).toBe('2025-12-31T23:59:59.999Z');
  expect(epochMs(addMs('2026-01-01T00:00:00.000Z', 5))).toBe(Date.UTC(2026, 0, 1) + 5);
});

test.each([
  ['2026-01-02T15:59:59.999Z', '2026-01-02'],
  ['2026-01-02T16:00:00.000Z', '2026-01-03'],
  ['2025-12-31T16:00:00.000Z', '2026-01-01'],
  ['2028-02-28T16:00:00.000Z', '2028-02-29'],
] as const)('the business day of %s is %s: it begins at 16:00 UTC', (at, day) => {
  expect(shanghaiDay(at)).toBe(day);
});

test('people in China read their own time', () => {
  expect(shanghaiTime('2026-01-02T03:04:05.000Z')).toBe('2026-01-02T11:04:05.000+08:00');
  expect(toInstant(shanghaiTime('2026-01-02T16:00:00.007Z'))).toBe('2026-01-02T16:00:00.007Z');
});

test('a time whose UTC year has five digits or a sign is refused, since no fact could carry it', () => {
  expect(OffsetTime.safeParse('9999-12-31T23:59:59-08:00').success).toBe(false);
  expect(OffsetTime.safeParse('0000-01-01T00:00:00+08:00').success).toBe(false);
  expect(OffsetTime.safeParse('9999-12-31T23:59:59Z').success).toBe(true);
});
