import { customerIds } from '../../../packages/contracts/src/index.ts';
import type { Executors } from '../../../packages/engine/src/index.ts';
import { AppError, type Clock, instantOf, type Logger, shanghaiDay } from '../../../packages/kernel/src/index.ts';
import type { Mailbox, MailboxCommand } from '../../../services/notifier/src/mailbox-state.ts';
import { type DayLimit, type DayLimitCommand, limitIds } from '../../../services/payments/src/day-limit.ts';
import type { Payment, PaymentCommand } from '../../../services/payments/src/payment-state.ts';
import { accountNosOf } from '../../../services/sandbox/src/bank/accounts.ts';
import { type Bank, createBank } from '../../../services/sandbox/src/bank/bank.ts';
import type { BankLine, Order, Outcome, Side } from '../../../services/sandbox/src/bank/book.ts';
import { createJournal } from '../../../services/sandbox/src/journal.ts';
import type { SchoolLine } from '../../../services/sandbox/src/schools/books.ts';
import { createSchools, type Schools } from '../../../services/sandbox/src/schools/schools.ts';
import type { Send } from '../../../services/sandbox/src/sender.ts';
import type { RawBooking, RawSchoolLine } from '../evidence.ts';
import { parseLines } from '../json-lines.ts';

export const customerOf = (user: string) => customerIds.of('sandbox', user);

/** The account of a customer with this ending. */
export const accountOf = (user: string, ending: string): string =>
  accountNosOf(customerOf(user)).find((accountNo) => accountNo.endsWith(ending))!;

/** A file that is a text in memory. */
const memoryFile = <Line>() => {
  let text = '';
  const sink = {
    append: async (more: string): Promise<void> => {
      text += more;
    },
    close: async () => undefined,
  };
  return { kept: { lines: [] as Line[], journal: createJournal<Line>(sink) }, text: () => text };
};

/** The sandbox's own core bank and schools, with their files in memory. `send` brings a school's notice to the log. */
export const createWorld = ({ clock, logger, send }: { clock: Clock; logger: Logger; send: Send }) => {
  const bankFile = memoryFile<BankLine>();
  const schoolsFile = memoryFile<SchoolLine>();
  const bank = createBank({ ...bankFile.kept, clock });
  const schools = createSchools({ ...schoolsFile.kept, send, clock, logger });
  return {
    bank,
    schools,
    bookings: (): RawBooking[] =>
      parseLines<RawBooking | { kind: 'customer' }>(bankFile.text()).filter((line): line is RawBooking => line.kind !== 'customer'),
    schoolLines: (): RawSchoolLine[] => parseLines<RawSchoolLine>(schoolsFile.text()),
    stop: async (): Promise<void> => {
      await bank.stop();
      await schools.stop();
    },
  };
};
export type World = ReturnType<typeof createWorld>;

/** What a caller learns of a call: nothing where the bank stays silent or fails. */
const known = async (call: () => Promise<Outcome | 'silence'>): Promise<Outcome | undefined> => {
  try {
    const outcome = await call();
    return outcome === 'silence' ? undefined : outcome;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
};

const requestOf = ({ request }: Payment) => {
  if (!request) throw new Error('nobody requested this payment');
  return request;
};

const creditOrder = (payment: Payment, key: string, paymentId: string, refundNo: string | undefined): Order => {
  const refund = payment.refunds.find((one) => one.refundNo === refundNo);
  const { received, request } = payment;
  if (received) {
    const channel = received.channel as 'counter' | 'aggregated-qr';
    return { key, channel, reference: received.reference, amountFen: refund?.amountFen ?? 0, memo: paymentId };
  }
  const { customerId, payFrom, amountFen } = request!;
  const accountNo = refund?.accountNo ?? payFrom;
  return { key, customerId: customerId as `cus_${string}`, accountNo, amountFen: refund?.amountFen ?? amountFen, memo: paymentId };
};

/** Calls of the core bank, made again under their key: what stands there is the answer. */
export const bankExecutors = (bank: Bank): Executors<Payment, PaymentCommand> => {
  const move = (side: Side, order: Order) => known(() => bank.move(side, order));
  const refundKey = (key: string, paymentId: string): string => key.slice(paymentId.length + 1);
  return {
    debit: async ({ key }, payment, paymentId) => {
      const { customerId, payFrom, amountFen } = requestOf(payment);
      const order = { key, customerId: customerId as `cus_${string}`, accountNo: payFrom, amountFen, memo: paymentId };
      const outcome = await move('debit', order);
      if (!outcome) return undefined;
      if (outcome.status === 'applied') return { outcome: 'applied', command: { type: 'DebitApplied', debitedAt: outcome.at } };
      return { outcome: 'refused', command: { type: 'DebitRefused', code: outcome.code ?? '' } };
    },
    credit: async ({ key, about }, payment, paymentId) => {
      const outcome = await move('credit', creditOrder(payment, key, paymentId, about));
      if (!outcome) return undefined;
      const isApplied = outcome.status === 'applied';
      if (about === undefined) return { outcome: outcome.status, command: { type: isApplied ? 'CreditApplied' : 'CreditRefused' } };
      const type = isApplied ? 'RefundApplied' : 'RefundDenied';
      return { outcome: outcome.status, command: { type, refundNo: about, key: refundKey(key, paymentId) } };
    },
  };
};

type Limits = { send(sending: { aggregateId: string; id: string; command: DayLimitCommand; body: unknown }): Promise<{ state: DayLimit }> };

export const limitExecutors = (limits: Limits): Executors<Payment, PaymentCommand> => {
  const ask = async (type: DayLimitCommand['type'], key: string, payment: Payment, paymentId: string): Promise<boolean> => {
    const { customerId, requestedAt, amountFen } = requestOf(payment);
    const command: DayLimitCommand = { type, paymentId, amountFen };
    try {
      await limits.send({ aggregateId: limitIds.of(customerId, shanghaiDay(requestedAt)), id: key, command, body: command });
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  };
  return {
    reserve: async ({ key }, payment, paymentId) =>
      (await ask('Reserve', key, payment, paymentId))
        ? { outcome: 'reserved', command: { type: 'LimitReserved' } }
        : { outcome: 'exceeded', command: { type: 'LimitExceeded' } },
    commit: async ({ key }, payment, paymentId) => {
      await ask('Commit', key, payment, paymentId);
      return { outcome: 'committed', command: { type: 'LimitCommitted' } };
    },
    release: async ({ key }, payment, paymentId) => {
      await ask('Release', key, payment, paymentId);
      return { outcome: 'released', command: { type: 'LimitReleased' } };
    },
  };
};

/** Brings a letter to the school that it is for; what the school then does is its own business. */
export const postExecutors = (schools: Schools, clock: Clock): Executors<Mailbox, MailboxCommand> => ({
  post: async ({ key: deliveryId, attempt }, { partnerId, letters }) => {
    const letter = letters.find((one) => one.deliveryId === deliveryId)!;
    const answer = { at: instantOf(clock.now()), tookMs: 0, answer: '' };
    try {
      const act = await schools.take({ partnerId, webhookId: deliveryId, type: letter.telling, data: { ...letter.data } });
      act();
      return { outcome: String(attempt), command: { type: 'Attempted', deliveryId, attempt, status: 200, ...answer } };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { outcome: String(attempt), command: { type: 'Attempted', deliveryId, attempt, status: error.status, ...answer } };
    }
  },
});
