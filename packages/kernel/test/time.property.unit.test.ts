import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { addMs, epochMs, Instant, instantOf, OffsetTime, shanghaiDay, shanghaiTime, toInstant } from '../src/index.ts';

const firstMs = Date.parse('0000-01-01T00:00:00.000Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');
const ms = fc.oneof(fc.integer({ min: firstMs, max: lastMs }), fc.constantFrom(firstMs, lastMs, -1, 0, 1));

const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'));
const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,12}$/));
const offset = fc.oneof(
  fc.constant('Z'),
  fc.tuple(fc.constantFrom('+', '-'), two(23), two(59)).map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
);
const date = ms.map((at) => new Date(at).toISOString().slice(0, 10));

/** Times as partners may write them, and some that are none. */
const written = fc
  .tuple(
    date,
    two(23),
    two(59),
    fc.oneof(
      fc.constant(''),
      two(59).map((seconds) => `:${seconds}`),
    ),
    fraction,
    offset,
  )
  .map(([day, hours, minutes, seconds, part, zone]) => `${day}T${hours}:${minutes}${seconds}${seconds && part}${zone}`);
const odd = fc.oneof(
  fc.constantFrom(
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00+24:00',
  ),
  fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:?\d\d)$/),
  fc.string(),
);

test('every time that a partner may write is one instant, the same that Temporal reads', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: written }, odd), (time) => {
      if (!OffsetTime.safeParse(time).success) return;
      const instant = toInstant(time);
      expect(Instant.safeParse(instant).success, time).toBe(true);
      // Temporal knows nine decimals; a millisecond needs three.
      const read = time.replace(/(\.\d{9})\d+/, '$1');
      expect(epochMs(instant)).toBe(Temporal.Instant.from(read).epochMilliseconds);
    }),
    { ...runs, numRuns: 1_000 },
  );
});

test('a time of the years 0000 to 9999 with any offset is taken', () => {
  fc.assert(
    fc.property(fc.integer({ min: firstMs + 86_400_000, max: lastMs - 86_400_000 }), offset, (at, zone) => {
      const time = instantOf(at).replace('Z', zone);
      expect(OffsetTime.safeParse(time).success, time).toBe(true);
    }),
    runs,
  );
});

test('instants sort as texts as they do as times', () => {
  fc.assert(
    fc.property(ms, ms, (left, right) => {
      expect(Instant.safeParse(instantOf(left)).success).toBe(true);
      expect(epochMs(instantOf(left))).toBe(left);
      expect(instantOf(left) < instantOf(right)).toBe(left < right);
      expect(addMs(instantOf(left), right - left)).toBe(instantOf(right));
    }),
    runs,
  );
});

test('the day and the time in Shanghai are the same moment', () => {
  fc.assert(
    fc.property(
      ms.filter((at) => at < lastMs - 86_400_000),
      (at) => {
        const instant = instantOf(at);
        const local = shanghaiTime(instant);
        expect(local.startsWith(`${shanghaiDay(instant)}T`)).toBe(true);
        if (at >= Date.parse('1992-01-01')) expect(local).toBe(`${instantOf(at + 8 * 3_600_000).slice(0, -1)}+08:00`);
        if (at >= Date.parse('1992-01-01')) expect(toInstant(local)).toBe(instant);
      },
    ),
    runs,
  );
});
