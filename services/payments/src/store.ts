import { mapped, type Store } from '@scenefi/store';
import type { Payment } from './payment.ts';

/** Reads that no command needs. */
export const paymentQueries = (store: Store) => {
  const payments = store.collection('payments');
  return {
    byId: async (paymentId: string): Promise<Payment | undefined> => {
      const document = await mapped(() => payments.findOne({ _id: paymentId }, { projection: { state: 1 } }));
      return document?.state as Payment | undefined;
    },
    countByStatus: async (): Promise<Record<string, number>> => {
      const stages = [{ $group: { _id: '$state.status', count: { $sum: 1 } } }];
      const groups = await mapped(() => payments.aggregate<{ _id: string; count: number }>(stages).toArray());
      return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
    },
  };
};
export type PaymentQueries = ReturnType<typeof paymentQueries>;
