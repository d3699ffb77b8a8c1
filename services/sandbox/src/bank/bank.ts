import { type Clock, canonicalJson, instantOf } from '@scenefi/kernel';
import { sandboxErrors } from '../errors.ts';
import type { KeptLines } from '../kept-lines.ts';
import { accountNosOf, type Course, endingOf, endings, maskedAccountNo } from './accounts.ts';
import { type BankLine, type Booking, createBook, type Order, type Outcome, type Side } from './book.ts';

/** An account as its customer sees it. */
export type Account = { accountNo: string; masked: string; kind: 'savings' | 'current'; balanceFen: number; currency: 'CNY' };

/** Calls under a key that has no outcome yet; a process that starts anew counts from one again. */
type Attempt = { content: string; calls: number };

const plain: Course = {};

const courseOf = (side: Side, order: Order): Course =>
  ('accountNo' in order ? endings[endingOf(order.accountNo)]?.[side] : undefined) ?? plain;

const outcomeOf = ({ key, status, code, at }: Booking): Outcome => ({ key, status, ...(code && { code }), at });

type BankOptions = KeptLines<BankLine> & { clock: Clock };

/**
 * The core bank. What stands under a key is its answer for ever, and nothing is told before it is on the disk.
 * Faults play only until an outcome stands; `silence` means that the caller never gets an answer.
 */
export const createBank = ({ lines, journal, clock }: BankOptions) => {
  const book = createBook(lines);
  const attempts = new Map<string, Attempt>();
  const late = new Set<() => void>();

  const enter = (line: BankLine): void => {
    book.take(line);
    journal.note(line);
  };
  const told = async (booking: Booking): Promise<Outcome> => {
    await journal.record();
    return outcomeOf(booking);
  };
  const attemptOf = (side: Side, order: Order): Attempt => {
    const content = canonicalJson(order);
    const attempt = attempts.get(`${side} ${order.key}`) ?? { content, calls: 0 };
    if (attempt.content !== content) throw sandboxErrors.KEY_REUSED({ key: order.key });
    attempts.set(`${side} ${order.key}`, attempt);
    return attempt;
  };
  /** Applied or refused, once: what stands already stays. */
  const settle = (side: Side, order: Order, course: Course): Booking => {
    const standing = book.standing(side, order.key);
    if (standing) return standing;
    const code = book.refusalOf(side, order) ?? course.refusal;
    const at = instantOf(clock.now());
    const booking = { kind: side, key: order.key, status: code ? 'refused' : 'applied', ...(code && { code }), at, order } as Booking;
    enter(booking);
    attempts.delete(`${side} ${order.key}`);
    return booking;
  };
  const settleLater = (side: Side, order: Order, course: Course, delayMs: number): void => {
    const cancel = clock.after(delayMs, () => {
      late.delete(cancel);
      settle(side, order, course);
      // Nobody waits for it; where the disk fails, the next who asks is told so.
      journal.record().catch(() => undefined);
    });
    late.add(cancel);
  };

  /** Throws SANDBOX_KEY_REUSED where other content came under the key, and the failures that the account's ending asks for. */
  const move = async (side: Side, order: Order): Promise<Outcome | 'silence'> => {
    const standing = book.standing(side, order.key);
    if (standing?.order && canonicalJson(standing.order) !== canonicalJson(order)) throw sandboxErrors.KEY_REUSED({ key: order.key });
    if (standing) return told(standing);
    const attempt = attemptOf(side, order);
    attempt.calls += 1;
    // A stranger's account is refused as it is: faults are for those who chose the account.
    const course = book.refusalOf(side, order) === 'foreign-account' ? plain : courseOf(side, order);
    if (attempt.calls <= (course.silent ?? 0)) return 'silence';
    const { failing, lateMs } = course;
    if (failing && attempt.calls <= failing.calls) throw failing.status === 500 ? sandboxErrors.BANK_FAILED() : sandboxErrors.BANK_BUSY();
    if (lateMs !== undefined) {
      if (attempt.calls === 1) settleLater(side, order, course, lateMs);
      throw sandboxErrors.BANK_BUSY();
    }
    const outcome = await told(settle(side, order, course));
    return course.answerLost ? 'silence' : outcome;
  };

  return {
    move,
    /** Throws SANDBOX_OUTCOME_NOT_KNOWN, which is no outcome: a call may still be under way. */
    outcome: async (side: Side, key: string): Promise<Outcome> => {
      const standing = book.standing(side, key);
      if (!standing) throw sandboxErrors.OUTCOME_NOT_KNOWN({ key });
      return told(standing);
    },
    /** A debit without an outcome is refused for ever; answers what stands. */
    cancelDebit: async (key: string): Promise<Outcome> => {
      const standing = book.standing('debit', key);
      if (standing) return told(standing);
      const cancelled: Booking = { kind: 'debit', key, status: 'refused', code: 'cancelled', at: instantOf(clock.now()) };
      enter(cancelled);
      attempts.delete(`debit ${key}`);
      return told(cancelled);
    },
    /** Makes somebody a customer, with one account of each ending. */
    welcome: async (customerId: string): Promise<void> => {
      if (!book.knows(customerId)) enter({ kind: 'customer', customerId: customerId as `cus_${string}`, at: instantOf(clock.now()) });
      await journal.record();
    },
    /** None for somebody whom the bank does not know. */
    accounts: async (customerId: string): Promise<Account[]> => {
      await journal.record();
      if (!book.knows(customerId)) return [];
      return accountNosOf(customerId).map((accountNo) => ({
        accountNo,
        masked: maskedAccountNo(accountNo),
        kind: endings[endingOf(accountNo)]!.kind,
        balanceFen: book.balanceFen(accountNo),
        currency: 'CNY',
      }));
    },
    /** What was to be booked later is not booked by this process. */
    stop: async (): Promise<void> => {
      for (const cancel of late) cancel();
      await journal.close();
    },
  };
};

export type Bank = ReturnType<typeof createBank>;
