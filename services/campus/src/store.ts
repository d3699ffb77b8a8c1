import { mapped, type Store } from '@scenefi/store';
import type { Bill } from './bill-state.ts';

/** Reads that no command needs: what operators and other edges ask for. */
export const billQueries = (store: Store) => {
  const bills = store.collection('bills');
  return {
    byId: async (billId: string): Promise<Bill | undefined> => {
      const document = await mapped(() => bills.findOne({ _id: billId }, { projection: { state: 1 } }));
      return (document ?? undefined)?.state as Bill | undefined;
    },
    /** Bills by state; a document that holds nothing but a refusal is no bill. */
    countByStatus: async (): Promise<Record<string, number>> => {
      const isBill = { $or: [{ 'state.terms': { $exists: true } }, { 'state.kept.0': { $exists: true } }, { 'state.status': 'lapsed' }] };
      const stages = [{ $match: isBill }, { $group: { _id: '$state.status', count: { $sum: 1 } } }];
      const groups = await mapped(() => bills.aggregate<{ _id: string; count: number }>(stages).toArray());
      return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
    },
  };
};
export type BillQueries = ReturnType<typeof billQueries>;
