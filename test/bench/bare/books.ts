import type mongoose from 'mongoose';
import { connectRows, type Rows } from './stage.ts';

type Document = Parameters<Rows['insertOne']>[0];
export type Entry = Document & { paymentId: string; at: string; legs: { account: string; amountFen: number }[] };

/** What each account of a partition gains. */
const changesOf = (made: readonly Pick<Entry, 'legs'>[], partition: number) => {
  const sums = new Map<string, { debitFen: number; creditFen: number }>();
  for (const { account, amountFen } of made.flatMap(({ legs }) => legs)) {
    const sum = sums.get(account) ?? { debitFen: 0, creditFen: 0 };
    if (amountFen > 0) sum.debitFen += amountFen;
    else sum.creditFen -= amountFen;
    sums.set(account, sum);
  }
  return [...sums].map(([account, $inc]) => ({
    updateOne: { filter: { _id: `${account}|${partition}` }, update: { $inc, $setOnInsert: { account, partition } }, upsert: true },
  }));
};

/** The collections of a ledger, indexed as ours are. */
export const openBooks = async () => {
  const { client, rows } = await connectRows();
  const entries = rows('entries');
  const balances = rows('balances');
  await entries.createIndex({ paymentId: 1, at: 1 });
  await entries.createIndex({ 'legs.account': 1, at: 1, _id: 1 });
  return {
    client,
    entries,
    /** Writes entries and the changes of balances within a transaction; answers how many balances changed. */
    post: async (made: readonly Entry[], partition: number, session: mongoose.mongo.ClientSession): Promise<number> => {
      const changes = changesOf(made, partition);
      await entries.insertMany([...made], { session });
      await balances.bulkWrite(changes, { session, ordered: true });
      return changes.length;
    },
  };
};
