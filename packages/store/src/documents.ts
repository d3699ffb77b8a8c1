import type { AggregateDocument, Documents, Save } from '@scenefi/engine';
import mongoose from 'mongoose';
import type { Collection } from './connection.ts';
import { mapped } from './errors.ts';

const { MongoBulkWriteError } = mongoose.mongo;

/** Only what is there is indexed, so that aggregates at rest cost nothing. */
export const indexDocuments = (collection: Collection): Promise<unknown> =>
  mapped(async () => {
    await collection.createIndex({ takes: 1, wakeAt: 1 }, { sparse: true });
    // Not with `at`, which every document has: a sparse index holds what has any of its fields.
    await collection.createIndex({ unsent: 1 }, { sparse: true });
  });

const operationOf = ({ document, expectedRev }: Save): mongoose.mongo.AnyBulkWriteOperation<{ _id: string }> =>
  expectedRev === 0
    ? { insertOne: { document } }
    : { replaceOne: { filter: { _id: document._id, rev: expectedRev } as never, replacement: document, upsert: true } };

type Counts = { insertedCount: number; matchedCount: number; upsertedCount: number };

/** The documents of one kind of aggregate. A lost race shows as a duplicate key on that one operation. */
export const createDocuments = (collection: Collection): Documents => {
  const read = (filter: object, limit: number, sort?: Record<string, 1>): Promise<AggregateDocument[]> =>
    mapped(() => collection.find(filter, { limit, ...(sort && { sort }) }).toArray() as Promise<unknown> as Promise<AggregateDocument[]>);

  const write = async (saves: readonly Save[]): Promise<{ counts: Counts; losers: Set<string> }> => {
    try {
      return { counts: await collection.bulkWrite(saves.map(operationOf), { ordered: false }), losers: new Set() };
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const failures = [error.writeErrors].flat();
      if (failures.length === 0 || failures.some(({ code }) => code !== 11_000 && code !== 112)) throw error;
      return { counts: error.result, losers: new Set(failures.map(({ index }) => saves[index]!.document._id)) };
    }
  };

  return {
    load: async (ids) => {
      const documents = await read({ _id: { $in: ids } }, 0);
      return new Map(documents.map((document) => [document._id, document]));
    },
    save: (saves) =>
      mapped(async () => {
        const { counts, losers } = await write(saves);
        const saved = counts.insertedCount + counts.matchedCount + counts.upsertedCount;
        if (saved !== saves.length - losers.size) throw new Error(`the database counted ${saved} of ${saves.length - losers.size} saves`);
        return losers;
      }),
    due: (now, { takes, limit }) => read({ takes, wakeAt: { $lte: now } }, limit, { wakeAt: 1 }),
    unsent: (savedBefore, limit) => read({ unsent: { $gte: 0 }, at: { $lt: savedBefore } }, limit),
    clearUnsent: ({ _id, version, unsent }) =>
      mapped(async () => {
        await collection.updateOne({ _id, version, unsent }, { $unset: { unsent: '' } });
      }),
  };
};
