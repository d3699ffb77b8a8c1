import type { AggregateDocument, Documents, Save } from '@scenefi/engine';
import mongoose from 'mongoose';
import type { Collection, Store } from './connection.ts';
import { Conflict, mapped } from './errors.ts';

const { MongoBulkWriteError } = mongoose.mongo;

/** Only what is there is indexed, so that aggregates at rest cost nothing. */
export const indexDocuments = (collection: Collection): Promise<unknown> =>
  mapped(async () => {
    await collection.createIndex({ takes: 1, wakeAt: 1 }, { sparse: true });
    // Not with `at`, which every document has: a sparse index holds what has any of its fields.
    await collection.createIndex({ unsent: 1 }, { sparse: true });
  });

type Operation = mongoose.mongo.AnyBulkWriteOperation<{ _id: string }>;

const operationOf = ({ document, expectedRev }: Save): Operation =>
  expectedRev === 0
    ? { insertOne: { document } }
    : { replaceOne: { filter: { _id: document._id, rev: expectedRev } as never, replacement: document, upsert: true } };

type Counts = { insertedCount: number; matchedCount: number; upsertedCount: number };
/** What was written, and by their index the operations that lost a race. */
type Written = { counts: Counts; lost: number[] };

/**
 * The documents of one kind of aggregate. Several are written as one transaction, which waits for the disk once; where another writer
 * was first it leaves nothing, and the same goes again as single writes, of which a lost race shows as a duplicate key on that one.
 * Over shards they are single writes from the beginning.
 */
export const createDocuments = (store: Pick<Store, 'collection' | 'transaction' | 'sharded'>, name: string): Documents => {
  const collection = store.collection(name);
  const read = (filter: object, limit: number, sort?: Record<string, 1>): Promise<AggregateDocument[]> =>
    mapped(() => collection.find(filter, { limit, ...(sort && { sort }) }).toArray() as Promise<unknown> as Promise<AggregateDocument[]>);

  /** Rejects with a Conflict where another writer was first: then nothing stands. In order, since the first fault ends a transaction. */
  const writeTogether = (operations: readonly Operation[]): Promise<Counts> => {
    // The driver makes one command of neighbours of a kind.
    const inserts = operations.filter((operation) => 'insertOne' in operation);
    const others = operations.filter((operation) => !('insertOne' in operation));
    return store.transaction((session) => collection.bulkWrite([...inserts, ...others], { ordered: true, session }));
  };

  const writeApart = async (operations: readonly Operation[]): Promise<Written> => {
    try {
      return { counts: await collection.bulkWrite([...operations], { ordered: false }), lost: [] };
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const failures = [error.writeErrors].flat();
      if (failures.length === 0 || failures.some(({ code }) => code !== 11_000 && code !== 112)) throw error;
      return { counts: error.result, lost: failures.map(({ index }) => index) };
    }
  };

  const write = async (operations: readonly Operation[]): Promise<Written> => {
    if (operations.length === 1 || store.sharded) return writeApart(operations);
    try {
      return { counts: await writeTogether(operations), lost: [] };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return writeApart(operations);
    }
  };

  return {
    load: async (ids) => {
      const documents = await read({ _id: { $in: ids } }, 0);
      return new Map(documents.map((document) => [document._id, document]));
    },
    save: (saves) =>
      mapped(async () => {
        const { counts, lost } = await write(saves.map(operationOf));
        const saved = counts.insertedCount + counts.matchedCount + counts.upsertedCount;
        const expected = saves.length - lost.length;
        if (saved !== expected) throw new Error(`the database counted ${saved} of ${expected} saves`);
        return new Set(lost.map((index) => saves[index]!.document._id));
      }),
    due: (now, { takes, limit }) => read({ takes, wakeAt: { $lte: now } }, limit, { wakeAt: 1 }),
    unsent: (savedBefore, limit) => read({ unsent: { $gte: 0 }, at: { $lt: savedBefore } }, limit),
    clearUnsent: (documents) =>
      mapped(async () => {
        const operations = documents.map(({ _id, version, unsent }) => ({
          updateOne: { filter: { _id, version, unsent } as never, update: { $unset: { unsent: '' } } as never },
        }));
        await write(operations);
      }),
  };
};
