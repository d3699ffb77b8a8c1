import { readFile } from 'node:fs/promises';
import type { RawBooking, RawSchoolLine } from './evidence.ts';
import { parseLines } from './json-lines.ts';

type BankLine = { kind: 'customer' } | RawBooking;

const isBooking = (line: BankLine): line is RawBooking => line.kind === 'debit' || line.kind === 'credit';

/** What the core bank's file says of money; the first line of a key is its answer for ever, and every line is looked at. */
export const readBank = async (file: string): Promise<RawBooking[]> => parseLines<BankLine>(await readFile(file, 'utf8')).filter(isBooking);

/** What the schools' own file says: what they were told, and what they said to it. */
export const readSchools = async (file: string): Promise<RawSchoolLine[]> => parseLines<RawSchoolLine>(await readFile(file, 'utf8'));
