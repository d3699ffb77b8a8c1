import type mongoose from 'mongoose';
import { connectRows, type Rows } from './stage.ts';

type Document = Parameters<Rows['insertOne']>[0];
export type Entry = Document & { paymentId: string; at: string; legs: { account: string; amountFen: number }[] };

/** By whom an entry was asked for. */
type PartitionOf = (entry: Entry) => number;

/** What each account of each partition gains. */
const changesOf = (made: readonly Entry[], partitionOf: PartitionOf) => {
  const sums = new Map<string, { account: string; partition: number; debitFen: number; creditFen: number }>();
  for (const entry of made) {
    const partition = partitionOf(entry);
    for (const { account, amountFen } of entry.legs) {
      const id = `${account}|${partition}`;
      const sum = sums.get(id) ?? { account, partition, debitFen: 0, creditFen: 0 };
      if (amountFen > 0) sum.debitFen += amountFen;
      else sum.creditFen -= amountFen;
      sums.set(id, sum);
    }
  }
  return [...sums].map(([_id, { account, partition, ...$inc }]) => ({
    updateOne: { filter: { _id }, update: { $inc, $setOnInsert: { account, partition } }, upsert: true },
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
    post: async (made: readonly Entry[], partitionOf: PartitionOf, session: mongoose.mongo.ClientSession): Promise<number> => {
      const changes = changesOf(made, partitionOf);
      await entries.insertMany([...made], { session });
      await balances.bulkWrite(changes, { session, ordered: true });
      return changes.length;
    },
  };
};
