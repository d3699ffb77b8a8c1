import type { Telling } from '@scenefi/contracts';

/** What a school may say by itself once it was told of a payment. */
export const sayings = [
  'campus.bill.written-off',
  'campus.bill.write-off-rejected',
  'campus.refund.requested',
  'campus.bill.closed',
] as const;

type FenOf = (paidFen: number) => number;

/** One notice of a school about the payment that it was told of; `fenOf` makes its amount from that of the payment. */
export type Act =
  | { says: 'campus.bill.written-off' | 'campus.refund.requested'; fenOf: FenOf }
  | { says: 'campus.bill.write-off-rejected' | 'campus.bill.closed' };

/** How a school behaves about one bill. */
export type Script = {
  /** What it posts when it is told something the first time, the second time and so on; later it stays silent. */
  on: Readonly<Partial<Record<Telling, readonly (readonly Act[])[]>>>;
  /** So many first deliveries about the bill are answered with 503. */
  downFor?: number;
  answersAfterMs?: number;
  /** Its notices are sent, and answered, before it answers the webhook. */
  actsFirst?: true;
};

const whole: FenOf = (paidFen) => paidFen;

const writesOff: Act = { says: 'campus.bill.written-off', fenOf: whole };
const writesOffTooMuch: Act = { says: 'campus.bill.written-off', fenOf: (paidFen) => paidFen + 100 };
const rejects: Act = { says: 'campus.bill.write-off-rejected' };
const closes: Act = { says: 'campus.bill.closed' };
const refunds = (fenOf: FenOf): Act => ({ says: 'campus.refund.requested', fenOf });

const lesserHalf: FenOf = (paidFen) => Math.floor(paidFen / 2);
const greaterHalf: FenOf = (paidFen) => paidFen - lesserHalf(paidFen);

/** A school that does what it should: one notice, when it is told of the money. */
const plain: Script = { on: { 'payment.debited': [[writesOff]] } };

/** The word behind the last `~` of a billNo, and how the school behaves about that bill. */
export const scripts: Readonly<Record<string, Script>> = {
  late: { on: { 'payment.debited': [[], [writesOff]] } },
  never: { on: {} },
  twice: { on: { 'payment.debited': [[writesOff, writesOff]] } },
  'early-answer': { ...plain, actsFirst: true },
  'wrong-amount': { on: { 'payment.debited': [[writesOffTooMuch]] } },
  'wrong-then-right': { on: { 'payment.debited': [[writesOffTooMuch, writesOff]] } },
  reject: { on: { 'payment.debited': [[rejects]] } },
  'reject-then-off': { on: { 'payment.debited': [[rejects]], 'payment.reversed': [[writesOff]] } },
  'reject-then-refund': { on: { 'payment.debited': [[rejects]], 'payment.reversed': [[refunds(whole)]] } },
  'off-while-reversing': { on: { 'payment.reversing': [[writesOff]] } },
  'off-after-reversed': { on: { 'payment.reversed': [[writesOff]] } },
  refund: { on: { 'payment.debited': [[writesOff, refunds(whole)]] } },
  'refund-half': { on: { 'payment.debited': [[writesOff, refunds(lesserHalf), refunds(greaterHalf)]] } },
  'refund-too-much': { on: { 'payment.debited': [[writesOff, refunds((paidFen) => paidFen + 1)]] } },
  'refund-then-close': { on: { 'payment.debited': [[writesOff, refunds(whole)]], 'refund.completed': [[closes]] } },
  down: { ...plain, downFor: 5 },
  slow: { ...plain, answersAfterMs: 2_000 },
  'close-on-debit': { on: { 'payment.debited': [[closes]] } },
};

/** The script of a bill; a billNo without a word, or with one that nobody knows, has the plain one. */
export const scriptOf = (billNo: string): Script => {
  const word = /~([^~]*)$/.exec(billNo)?.[1] ?? '';
  return Object.hasOwn(scripts, word) ? scripts[word]! : plain;
};
