import type { Asked, EntryDocument, LedgerBooks } from '../../../services/ledger/src/store.ts';
import type { RawBalance } from '../evidence.ts';

/** The books of the ledger in memory: what stands is given back, the rest is posted. */
export const memoryBooks = (entries: Map<string, EntryDocument>, balances: Map<string, RawBalance>): LedgerBooks => {
  const unused = (): never => {
    throw new Error('nobody asks');
  };
  const post = async (asked: readonly Asked[]): Promise<Map<string, EntryDocument>> => {
    const stood = new Map(asked.flatMap(({ document }) => (entries.has(document._id) ? [[document._id, entries.get(document._id)!]] : [])));
    for (const { document, partition } of asked) {
      if (stood.has(document._id)) continue;
      entries.set(document._id, document);
      for (const { account, amountFen } of document.legs) {
        const _id = `${account}|${partition}`;
        const { debitFen, creditFen } = balances.get(_id) ?? { debitFen: 0, creditFen: 0 };
        balances.set(_id, { _id, account, debitFen: debitFen + Math.max(0, amountFen), creditFen: creditFen + Math.max(0, -amountFen) });
      }
    }
    return stood;
  };
  return { post, trialBalance: unused, entriesOfPayment: unused, statement: unused };
};
