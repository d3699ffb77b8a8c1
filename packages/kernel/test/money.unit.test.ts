import { expect, test } from 'vitest';
import { AmountFen, LegFen, SumFen, sumFen, yuan } from '../src/money.ts';

const tenBillionYuan = 1_000_000_000_000;

test.each([
  ['AmountFen', AmountFen, [1, tenBillionYuan], [0, -1, 1.5, tenBillionYuan + 1, '1', Number.NaN, null]],
  ['SumFen', SumFen, [0, 1, tenBillionYuan], [-1, 0.5, tenBillionYuan + 1, '0']],
  ['LegFen', LegFen, [1, -1, tenBillionYuan, -tenBillionYuan], [0, -0, 1.5, tenBillionYuan + 1, -tenBillionYuan - 1]],
] as const)('%s takes whole fen within its range and nothing else', (_name, schema, good, bad) => {
  for (const value of good) expect(schema.safeParse(value).success, String(value)).toBe(true);
  for (const value of bad) expect(schema.safeParse(value).success, String(value)).toBe(false);
});

test('fen add up exactly', () => {
  expect(sumFen([])).toBe(0);
  expect(sumFen([120_000, 30_000, -150_000])).toBe(0);
  expect(sumFen(new Set([1, 2, 3]))).toBe(6);
});

test.each([
  ['ends past the exact integers', [Number.MAX_SAFE_INTEGER, 1]],
  ['only passes through inexact integers on its way', [Number.MAX_SAFE_INTEGER, 2, -2]],
  ['has halves of a fen that would add up', [0.5, 0.5]],
  ['has something that is no number', [1, Number.NaN]],
])('a sum that %s is refused', (_title, amounts) => {
  expect(() => sumFen(amounts)).toThrow(RangeError);
});

test.each([
  [123_456, '1234.56'],
  [5, '0.05'],
  [0, '0.00'],
  [100, '1.00'],
  [-5, '-0.05'],
  [-123_456, '-1234.56'],
])('%i fen are written as %s yuan', (fen, text) => {
  expect(yuan(fen)).toBe(text);
});
