import { CustomerId, PartnerRef } from '@scenefi/contracts';
import { AmountFen, Instant } from '@scenefi/kernel';
import { z } from 'zod';
import { accountNosOf, openingFen, type Refusal, refusals } from './accounts.ts';

const Key = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'at most 200 visible ASCII characters');
const AccountNo = z.string().regex(/^\d{10,19}$/);
const Memo = z.string().max(200);

/** Money that leaves an account of a customer. */
export const Debit = z.object({ key: Key, customerId: CustomerId, accountNo: AccountNo, amountFen: AmountFen, memo: Memo });
export type Debit = z.output<typeof Debit>;

const ToAccount = z.object({ key: Key, customerId: CustomerId, accountNo: AccountNo, amountFen: AmountFen, memo: Memo });
const ThroughChannel = z.object({
  key: Key,
  channel: z.enum(['counter', 'aggregated-qr']),
  reference: PartnerRef.describe("the partner's number of the payment that is given back"),
  amountFen: AmountFen,
  memo: Memo,
});

/** Money that goes to an account of a customer, or back through the channel that it came by. */
export const Credit = z.union([ToAccount, ThroughChannel]);
export type Credit = z.output<typeof Credit>;

const outcome = { key: Key, status: z.enum(['applied', 'refused']), code: z.enum(refusals).exactOptional(), at: Instant };

/** What stands under a key for ever. */
export const Outcome = z.object(outcome);
export type Outcome = z.output<typeof Outcome>;

/** One line of the bank's file. A cancellation of a debit that nobody had sent has no order. */
export const BankLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('customer'), customerId: CustomerId, at: Instant }),
  z.object({ kind: z.literal('debit'), ...outcome, order: Debit.exactOptional() }),
  z.object({ kind: z.literal('credit'), ...outcome, order: Credit.exactOptional() }),
]);
export type BankLine = z.output<typeof BankLine>;

export type Booking = Exclude<BankLine, { kind: 'customer' }>;
export type Side = Booking['kind'];
export type Order = Debit | Credit;

/** The bank's books as its file tells them: customers, what stands under each key, and what every account holds. */
export const createBook = (lines: readonly BankLine[]) => {
  const customers = new Set<string>();
  const bookings = new Map<string, Booking>();
  const movedFen = new Map<string, number>();

  const balanceFen = (accountNo: string): number => openingFen + (movedFen.get(accountNo) ?? 0);

  const take = (line: BankLine): void => {
    if (line.kind === 'customer') return void customers.add(line.customerId);
    bookings.set(`${line.kind} ${line.key}`, line);
    const { kind, order, status } = line;
    if (status !== 'applied' || !order || !('accountNo' in order)) return;
    const sign = kind === 'debit' ? -1 : 1;
    movedFen.set(order.accountNo, (movedFen.get(order.accountNo) ?? 0) + sign * order.amountFen);
  };
  for (const line of lines) take(line);

  return {
    take,
    knows: (customerId: string): boolean => customers.has(customerId),
    standing: (side: Side, key: string): Booking | undefined => bookings.get(`${side} ${key}`),
    balanceFen,
    /** Why these books do not allow it. */
    refusalOf: (side: Side, order: Order): Refusal | undefined => {
      if (!('accountNo' in order)) return undefined;
      const { customerId, accountNo, amountFen } = order;
      if (!customers.has(customerId) || !accountNosOf(customerId).includes(accountNo)) return 'foreign-account';
      return side === 'debit' && balanceFen(accountNo) < amountFen ? 'insufficient-funds' : undefined;
    },
  };
};
