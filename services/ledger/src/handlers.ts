import { PaymentRecorded, PaymentReversed } from '@scenefi/contracts';
import { type Aim, type Heard, on, type Subscription, type Target } from '@scenefi/engine';
import type { Post } from './ledger.ts';
import { entryOf } from './posting.ts';

const aim = (factType: string, { data, event, partition }: Heard<PaymentRecorded | PaymentReversed>): Aim<Post> => {
  const entry = entryOf(factType, event.id, event.time, data);
  return { id: entry.entryId, command: { type: 'Post', entry, partition } };
};

/** Every movement of money becomes one balanced entry. */
export const ledgerHandlers = (ledger: Target<Post>): Subscription[] => [
  on(PaymentRecorded, ledger, (heard) => aim(PaymentRecorded.type, heard)),
  on(PaymentReversed, ledger, (heard) => aim(PaymentReversed.type, heard)),
];
