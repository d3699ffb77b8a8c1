import { z } from 'zod';

const fenMax = 1_000_000_000_000;

/** An amount that is paid or owed: integer fen of CNY, 0.01 yuan to ten billion yuan. */
export const AmountFen = z.int().min(1).max(fenMax);

/** A sum that may be nothing, such as what has been paid so far. */
export const SumFen = z.int().min(0).max(fenMax);

/** One leg of a posting: debit positive, credit negative, never zero. */
export const LegFen = z
  .int()
  .min(-fenMax)
  .max(fenMax)
  .refine((fen) => fen !== 0, 'a leg of zero fen moves nothing');

/** Adds integer fen; refuses to leave the range in which integers are exact. */
export const sumFen = (amounts: Iterable<number>): number => {
  let sum = 0;
  for (const amount of amounts) {
    sum += amount;
    // At every step: what was rounded on the way cannot be seen at the end.
    if (!Number.isSafeInteger(sum)) throw new RangeError('a sum of fen is no exact integer');
  }
  return sum;
};

/** `123456` becomes `1234.56`, for people to read. */
export const yuan = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
