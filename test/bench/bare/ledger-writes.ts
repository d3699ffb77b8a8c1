import { Partitioners } from 'kafkajs';
import { type Entry, openBooks } from './books.ts';
import { answerOrders, type Timed, timeLanes } from './lanes.ts';
import { safety } from './stage.ts';

export type PostReport = Timed & { entries: number; slices: number; shares: number };

const { SOURCE_DATABASE, PARTITIONS } = process.env;
const { client, post } = await openBooks();
const source = client.db(SOURCE_DATABASE).collection<Entry>('entries');

const partitioner = Partitioners.DefaultPartitioner();
const partitionMetadata = Array.from({ length: Number(PARTITIONS) }, (_, partitionId) => ({ partitionId, leader: 0 }) as never);
/** Where the fact of an entry stood: payments are keyed by their id. */
const partitionOf = ({ paymentId }: Entry): number =>
  partitioner({ topic: '', partitionMetadata, message: { key: paymentId, value: null } });

let readUntil = '';

/** What the ledger has posted since the last round: the entries of one transaction have the same time. */
const readSlices = async (): Promise<Entry[][]> => {
  const entries = await source.find({ at: { $gt: readUntil } }, { sort: { at: 1 } }).toArray();
  readUntil = entries.at(-1)?.at ?? readUntil;
  return [...Map.groupBy(entries, ({ at }) => at).values()];
};

const write = async (): Promise<PostReport> => {
  const slices = await readSlices();
  let shares = 0;
  const lane = async (): Promise<void> => {
    for (const slice of slices)
      shares += await client.withSession((session) => session.withTransaction(() => post(slice, partitionOf, session), { ...safety }));
  };
  // One, as ours: what several partitions ask for at a time is one transaction.
  const timed = await timeLanes([lane]);
  return { ...timed, entries: slices.flat().length, slices: slices.length, shares };
};

answerOrders(write, () => client.close());
