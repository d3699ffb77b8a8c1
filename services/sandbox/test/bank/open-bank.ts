import { customerIds } from '@scenefi/contracts';
import { AppError } from '@scenefi/kernel';
import { type TestClock, testClock } from '@scenefi/testing/scenario';
import { createBank } from '../../src/bank/bank.ts';
import type { BankLine, Debit } from '../../src/bank/book.ts';
import { createJournal } from '../../src/journal.ts';

export const customerId = customerIds.of('sandbox', 'anna');

/** A bank on a file in memory; `reopen` is what the next process would find after a crash. */
export const openBank = async (lines: BankLine[] = [], clock: TestClock = testClock('2026-09-01T00:00:00.000Z')) => {
  const kept = [...lines];
  const append = async (text: string): Promise<void> => {
    for (const line of text.trimEnd().split('\n')) kept.push(JSON.parse(line));
  };
  const journal = createJournal<BankLine>({ append, close: async () => undefined });
  const bank = createBank({ lines, journal, clock });
  await bank.welcome(customerId);
  const accounts = await bank.accounts(customerId);
  const accountWith = (ending: string): string => accounts.find(({ accountNo }) => accountNo.endsWith(ending))!.accountNo;
  const orderOn = (ending: string, more: Partial<Debit> = {}): Debit => ({
    key: `k${ending}`,
    customerId,
    accountNo: accountWith(ending),
    amountFen: 150_000,
    memo: '学费',
    ...more,
  });
  const balanceFen = async (ending: string): Promise<number> =>
    (await bank.accounts(customerId)).find(({ accountNo }) => accountNo.endsWith(ending))!.balanceFen;
  return { bank, clock, kept, orderOn, balanceFen, reopen: () => openBank([...kept], clock) };
};

/** The code of a refusal, or whatever came. */
export const codeOr = async <Value>(promise: Promise<Value>): Promise<Value | string> => {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};
