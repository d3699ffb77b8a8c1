import type mongoose from 'mongoose';
import { answerOrders, type Timed, timeLanes } from './lanes.ts';
import { connectRows } from './stage.ts';

type Document = mongoose.mongo.BSON.Document & { _id: string; rev: number };

/** Which documents of the source to write: those that this round created, and those it changed. */
export type WriteOrder = { created: string; changed?: string };
export type WriteReport = Timed & { documents: number };

const sliceSize = 250;

const { SOURCE_DATABASE, LANES } = process.env;
const { client, rows } = await connectRows();
const source = client.db(SOURCE_DATABASE).collection<Document>('bills');
const target = rows('bills');
await target.createIndex({ takes: 1, wakeAt: 1 }, { sparse: true });
await target.createIndex({ unsent: 1, at: 1 }, { sparse: true });

const readRun = (run: string): Promise<Document[]> => source.find({ 'state.terms.title': run }).toArray();

const insert = (document: Document) => ({ insertOne: { document } });
const replace = (document: Document) => ({
  replaceOne: { filter: { _id: document._id, rev: document.rev - 1 }, replacement: document, upsert: true },
});

/** New and changed documents alternate, as their messages do. */
const mixed = <Item>(left: readonly Item[], right: readonly Item[]): Item[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]])
    .flat()
    .filter((item) => item !== undefined);

const write = async ({ created, changed }: WriteOrder): Promise<WriteReport> => {
  const operations = mixed<ReturnType<typeof insert> | ReturnType<typeof replace>>(
    (await readRun(created)).map(insert),
    changed === undefined ? [] : (await readRun(changed)).map(replace),
  );
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < operations.length) {
      const slice = operations.slice(next, next + sliceSize);
      next += slice.length;
      const { insertedCount, matchedCount, upsertedCount } = await target.bulkWrite(slice, { ordered: false });
      if (insertedCount + matchedCount !== slice.length || upsertedCount > 0) throw new Error('the bare loop wrote something else');
    }
  };
  const timed = await timeLanes(Array.from({ length: Number(LANES) }, () => lane));
  return { ...timed, documents: operations.length };
};

answerOrders(write, () => client.close());
