import type { Cause } from '@scenefi/engine';
import type { Instant } from '@scenefi/kernel';
import { mapped, type Session, type Store } from '@scenefi/store';
import type { Entry } from './posting.ts';

/** An entry as it stands in the database; `at` and `cause` are kept, so that a repeated fact has the same bytes. */
export type EntryDocument = Omit<Entry, 'entryId'> & { _id: string; at: Instant; cause: Cause };

/** An entry that is asked for, by the partition that asks. */
export type Asked = { document: EntryDocument; partition: number };

export type AccountBalance = { account: string; debitFen: number; creditFen: number; balanceFen: number };
export type TrialBalance = { accounts: AccountBalance[]; entries: number; sumFen: number; balanced: boolean };
export type StatementLine = { entryId: string; paymentId: string; reason: string; businessDay: string; at: Instant; amountFen: number };

const pageMax = 100;

/** What each account and partition gains by these entries. */
const movements = (asked: readonly Asked[]) => {
  const sums = new Map<string, { account: string; partition: number; debitFen: number; creditFen: number }>();
  for (const { document, partition } of asked) {
    for (const { account, amountFen } of document.legs) {
      const id = `${account}|${partition}`;
      const sum = sums.get(id) ?? { account, partition, debitFen: 0, creditFen: 0 };
      if (amountFen > 0) sum.debitFen += amountFen;
      else sum.creditFen -= amountFen;
      sums.set(id, sum);
    }
  }
  return [...sums];
};

/**
 * The books. Entries and the changes of balances are one transaction; balances are kept per
 * consumer partition, so that an account that takes part in every payment is not a document that everybody waits for.
 */
export const ledgerBooks = async (store: Store) => {
  const entries = store.collection('entries');
  const balances = store.collection('balances');
  await mapped(async () => {
    await entries.createIndex({ paymentId: 1, at: 1 });
    await entries.createIndex({ 'legs.account': 1, at: 1, _id: 1 });
  });
  const present = async (ids: readonly string[], session: Session): Promise<Map<string, EntryDocument>> => {
    const found = (await entries.find({ _id: { $in: [...ids] } }, { session }).toArray()) as unknown as EntryDocument[];
    return new Map(found.map((entry) => [entry._id, entry]));
  };

  const postOnce = async (asked: readonly Asked[], session: Session): Promise<Map<string, EntryDocument>> => {
    const standing = await present(
      asked.map(({ document }) => document._id),
      session,
    );
    const fresh = asked.filter(({ document }) => !standing.has(document._id));
    if (fresh.length === 0) return standing;
    await entries.insertMany(
      fresh.map(({ document }) => document),
      { session },
    );
    const operations = movements(fresh).map(([_id, { account, partition, debitFen, creditFen }]) => ({
      updateOne: { filter: { _id }, update: { $inc: { debitFen, creditFen }, $setOnInsert: { account, partition } }, upsert: true },
    }));
    await balances.bulkWrite(operations, { session, ordered: true });
    return standing;
  };

  const accountBalances = async (session: Session): Promise<AccountBalance[]> => {
    const groups = [
      { $group: { _id: '$account', debitFen: { $sum: '$debitFen' }, creditFen: { $sum: '$creditFen' } } },
      { $sort: { _id: 1 } },
    ];
    const sums = await balances.aggregate<{ _id: string; debitFen: number; creditFen: number }>(groups, { session }).toArray();
    return sums.map(({ _id, debitFen, creditFen }) => ({ account: _id, debitFen, creditFen, balanceFen: debitFen - creditFen }));
  };

  return {
    /** Posts what does not stand yet, whole or not at all; answers what stood before. What stands is looked up anew in every try. */
    post: (asked: readonly Asked[]): Promise<Map<string, EntryDocument>> => store.transaction((session) => postOnce(asked, session)),
    trialBalance: (): Promise<TrialBalance> =>
      store.transaction(async (session) => {
        const accounts = await accountBalances(session);
        const sumFen = accounts.reduce((sum, { balanceFen }) => sum + balanceFen, 0);
        return { accounts, entries: await entries.countDocuments({}, { session }), sumFen, balanced: sumFen === 0 };
      }),
    entriesOfPayment: (paymentId: string): Promise<EntryDocument[]> =>
      mapped(() => entries.find({ paymentId }, { sort: { at: 1 } }).toArray() as Promise<unknown> as Promise<EntryDocument[]>),
    /** One page of an account, oldest first; `after` is the last `at` and id of the page before. */
    statement: (account: string, after?: { at: string; entryId: string }): Promise<StatementLine[]> =>
      mapped(async () => {
        const later = after && { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after.entryId } }] };
        const found = await entries
          .find({ 'legs.account': account, ...later } as never, { sort: { at: 1, _id: 1 }, limit: pageMax })
          .toArray();
        return (found as unknown as EntryDocument[]).map(({ _id, paymentId, reason, businessDay, at, legs }) => {
          const amountFen = legs.reduce((sum, leg) => (leg.account === account ? sum + leg.amountFen : sum), 0);
          return { entryId: _id, paymentId, reason, businessDay, at, amountFen };
        });
      }),
  };
};
export type LedgerBooks = Awaited<ReturnType<typeof ledgerBooks>>;
