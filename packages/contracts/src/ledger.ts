import { type DataOf, defineFact, LegFen } from '@scenefi/kernel';
import { z } from 'zod';
import { About, EntryId, PaymentId } from './parties.ts';

/** `clearing:<channel>` (`clearing:customer` for customers' accounts), `payable:<partner>`, `suspense:<partner>`, `returned:<customer>`. */
export const LedgerAccount = z.string().regex(/^(clearing|payable|suspense|returned):[a-z0-9_-]+$/);

/** One balanced entry: its legs add up to zero. Debit is positive, credit negative. */
export const EntryPosted = defineFact({
  type: 'ledger.entry.posted',
  topic: 'ledger.entry.v1',
  title: 'A balanced entry stands in the ledger',
  data: ({ word }) =>
    z.object({
      entryId: EntryId,
      paymentId: PaymentId,
      about: About,
      reason: word('recorded', 'allocated', 'reversed', 'debited', 'settled', 'refunded', 'returned', 'recredited'),
      businessDay: z.iso.date(),
      legs: z
        .array(z.object({ account: LedgerAccount, amountFen: LegFen }))
        .min(2)
        .refine((legs) => legs.reduce((sum, leg) => sum + leg.amountFen, 0) === 0, 'an entry adds up to zero'),
    }),
  key: (data) => data.entryId,
});
export type EntryPosted = DataOf<typeof EntryPosted>;
