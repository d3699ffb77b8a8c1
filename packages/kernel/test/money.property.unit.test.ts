import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { AmountFen, LegFen, SumFen, sumFen, yuan } from '../src/index.ts';

const fenMax = 1_000_000_000_000;
const fen = fc.integer({ min: -fenMax, max: fenMax });

test('yuan is the same amount with two decimals, to the fen', () => {
  fc.assert(
    fc.property(fc.oneof(fen, fc.maxSafeInteger()), (amount) => {
      const text = yuan(amount);
      expect(text).toMatch(/^-?\d+\.\d\d$/);
      expect(text).not.toMatch(/^-?0\d/);
      expect(BigInt(text.replace('.', ''))).toBe(BigInt(amount));
    }),
    runs,
  );
});

test('a sum of fen is exact, or it is refused', () => {
  const wild = fc.oneof(fen, fc.maxSafeInteger(), fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(fc.array(wild, { maxLength: 30 }), (amounts) => {
      let sum: number;
      try {
        sum = sumFen(amounts);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        return;
      }
      expect(BigInt(sum)).toBe(amounts.reduce((total, amount) => total + BigInt(amount), 0n));
    }),
    { ...runs, numRuns: 500 },
  );
});

test('amounts that the contracts allow can be added in any order, a thousand of them, without a refusal', () => {
  fc.assert(
    fc.property(fc.array(fen, { maxLength: 1_000 }), (amounts) => {
      expect(sumFen(amounts.toReversed())).toBe(sumFen(amounts));
      expect(sumFen([...amounts, ...amounts.map((amount) => -amount)])).toBe(0);
    }),
    { ...runs, numRuns: 50 },
  );
});

test('an amount, a sum and a leg are whole fen within their limits and nothing else', () => {
  const whole = (number: number, min: number): boolean => Number.isInteger(number) && number >= min && number <= fenMax;
  fc.assert(
    fc.property(fc.oneof(fen, fc.double(), fc.integer({ min: -1, max: 1 })), (number) => {
      expect(AmountFen.safeParse(number).success).toBe(whole(number, 1));
      expect(SumFen.safeParse(number).success).toBe(whole(number, 0));
      expect(LegFen.safeParse(number).success).toBe(whole(number, -fenMax) && number !== 0);
    }),
    { ...runs, numRuns: 500 },
  );
});
