import { countByStatus, type Store, stateOf } from '@scenefi/store';
import type { Bill } from './bill-state.ts';

/** A document that holds nothing but a refusal is no bill. */
const isBill = { $or: [{ 'state.terms': { $exists: true } }, { 'state.kept.0': { $exists: true } }, { 'state.status': 'lapsed' }] };

/** Reads that no command needs: what operators and other edges ask for. */
export const billQueries = (store: Store) => {
  const bills = store.collection('bills');
  return {
    byId: (billId: string) => stateOf(bills, billId) as Promise<Bill | undefined>,
    countByStatus: () => countByStatus(bills, isBill),
  };
};
export type BillQueries = ReturnType<typeof billQueries>;
