import { countByStatus, type Store, stateOf } from '@scenefi/store';
import type { Payment } from './payment.ts';

/** Reads that no command needs. */
export const paymentQueries = (store: Store) => {
  const payments = store.collection('payments');
  return {
    byId: (paymentId: string) => stateOf(payments, paymentId) as Promise<Payment | undefined>,
    countByStatus: () => countByStatus(payments),
  };
};
export type PaymentQueries = ReturnType<typeof paymentQueries>;
