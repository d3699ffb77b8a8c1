import { hash } from 'node:crypto';

/** Why the bank will not move the money; stored under the key, so that it stays the answer for ever. */
export const refusals = ['foreign-account', 'insufficient-funds', 'account-closed', 'account-frozen', 'cancelled'] as const;
export type Refusal = (typeof refusals)[number];

/** What goes wrong on the way to an outcome, and which outcome it is. Nothing said means: applied and answered at once. */
export type Course = {
  /** So many first calls under a key are neither booked nor answered. */
  silent?: number;
  /** So many first calls under a key are not booked and answered with this status. */
  failing?: { status: 500 | 503; calls: number };
  /** Calls are answered with 503 until it is booked, so long after the first. */
  lateMs?: number;
  refusal?: Refusal;
  /** The call that brings the booking about is never answered. */
  answerLost?: true;
};

export type Ending = { kind: 'savings' | 'current'; debit?: Course; credit?: Course };

const forEver = Number.POSITIVE_INFINITY;

/** How an account behaves, by its last four digits: faults are chosen by whoever pays, as with the test cards of payment providers. */
export const endings: Readonly<Record<string, Ending>> = {
  '0001': { kind: 'savings' },
  '0002': { kind: 'savings' },
  '0003': { kind: 'current' },
  '9101': { kind: 'savings', debit: { answerLost: true } },
  '9102': { kind: 'savings', debit: { silent: 2 } },
  '9103': { kind: 'savings', debit: { lateMs: 3_000 } },
  '9104': { kind: 'savings', debit: { failing: { status: 500, calls: 2 } } },
  '9105': { kind: 'savings', debit: { refusal: 'insufficient-funds' } },
  '9106': { kind: 'savings', debit: { refusal: 'account-frozen' } },
  '9107': { kind: 'savings', credit: { refusal: 'account-closed' } },
  '9108': { kind: 'savings', credit: { answerLost: true } },
  '9109': { kind: 'savings', credit: { failing: { status: 503, calls: 2 } } },
  '9110': { kind: 'savings', debit: { silent: forEver } },
};

/** Sorted, since an object gives names that look like numbers first; those that simply work lead. */
const endingNames = Object.keys(endings).sort();

/** Ten million yuan. */
export const openingFen = 1_000_000_000;

const endingChars = 4;
const customerDigits = 13;

export const endingOf = (accountNo: string): string => accountNo.slice(-endingChars);

/** One account with each ending: their numbers follow from the customer, so nobody has to register any. */
export const accountNosOf = (customerId: string): string[] => {
  const number = hash('sha256', customerId, 'buffer').readBigUInt64BE() % 10n ** BigInt(customerDigits);
  const digits = String(number).padStart(customerDigits, '0');
  return endingNames.map((ending) => `62${digits}${ending}`);
};

/** `**** 0001`, as screens and facts show it. */
export const maskedAccountNo = (accountNo: string): string => `**** ${endingOf(accountNo)}`;
