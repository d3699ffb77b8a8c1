import { countByStatus, mapped, type Store, stateOf } from '@scenefi/store';
import type { Payment } from './payment-state.ts';

export type Queued = { paymentId: string; payment: Payment };

const pageMax = 200;

/** Reads that no command needs. Payments that nobody has to look at are not in the index of the queue. */
export const paymentQueries = async (store: Store) => {
  const payments = store.collection('payments');
  await mapped(() => payments.createIndex({ 'state.queue.since': 1 }, { sparse: true }));
  const waiting = { 'state.queue.since': { $gte: '' } };
  return {
    byId: (paymentId: string) => stateOf(payments, paymentId) as Promise<Payment | undefined>,
    countByStatus: () => countByStatus(payments),
    countQueued: () => mapped(() => payments.countDocuments(waiting)),
    /** The first to wait comes first. */
    queued: async (): Promise<Queued[]> => {
      const found = await mapped(() =>
        payments.find(waiting, { projection: { state: 1 }, sort: { 'state.queue.since': 1 }, limit: pageMax }).toArray(),
      );
      return found.map(({ _id, state }) => ({ paymentId: _id, payment: state as Payment }));
    },
  };
};
export type PaymentQueries = Awaited<ReturnType<typeof paymentQueries>>;
