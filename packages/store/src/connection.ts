import { Outage } from '@scenefi/kernel';
import mongoose from 'mongoose';
import { mapMongoError, mapped, storeErrors } from './errors.ts';

export type StoreConfig = { url: string; database: string };
export type Collection = mongoose.mongo.Collection<mongoose.mongo.BSON.Document & { _id: string }>;
export type Session = mongoose.mongo.ClientSession;

/** Every acknowledged write survives a crash and an election; every read sees only such writes, whatever the URL says. */
const { ReadConcern, WriteConcern } = mongoose.mongo;
const safety = {
  readPreference: 'primary' as const,
  readConcern: new ReadConcern('majority'),
  writeConcern: new WriteConcern('majority', undefined, true),
};

/** Shorter than a consumer's session: whoever waits longer loses its partitions. */
const transactionMs = 10_000;

/**
 * The driver does not see that a bulk write of a transaction met a network fault. Told so, it tries again on the same session, which
 * ends the broken try on the server; otherwise that one would hold its documents for the server's whole transaction lifetime, a minute.
 */
const asTransient = (error: unknown): unknown => {
  if (error instanceof mongoose.mongo.MongoBulkWriteError && mapMongoError(error) instanceof Outage) {
    error.addErrorLabel('TransientTransactionError');
  }
  return error;
};

export type Store = Awaited<ReturnType<typeof connectStore>>;

/** One database of one service, through the native collections of a mongoose connection. Rejects with an Outage. */
export const connectStore = async ({ url, database }: StoreConfig) => {
  const connection = await mapped(() =>
    mongoose
      .createConnection(url, {
        dbName: database,
        serverSelectionTimeoutMS: 5_000,
        // Also how long a monitor waits for a server that answers nothing: with its default a call hangs for 65 seconds.
        connectTimeoutMS: 5_000,
        socketTimeoutMS: 15_000,
        maxPoolSize: 20,
        ignoreUndefined: true,
        promoteBuffers: true,
        autoIndex: false,
      })
      .asPromise(),
  );
  const client = connection.getClient();
  const db = client.db(database, safety);
  const hello = () => mapped(() => db.admin().command({ hello: 1 }, { timeoutMS: 5_000 }));
  const first = await hello();
  if (!first.setName && first.msg !== 'isdbgrid') {
    await connection.close();
    throw storeErrors.STANDALONE();
  }

  return {
    collection: (name: string): Collection => db.collection(name, safety),
    /** The database's own time, in milliseconds since 1970. */
    timeMs: async (): Promise<number> => {
      const { localTime } = await hello();
      if (!(localTime instanceof Date)) throw new Outage('the database tells no time');
      return localTime.getTime();
    },
    /** Runs the work in one transaction; it may run several times. */
    transaction: <Value>(work: (session: Session) => Promise<Value>): Promise<Value> =>
      mapped(() =>
        client.withSession((session) =>
          session.withTransaction(() => work(session).catch((error: unknown) => Promise.reject(asTransient(error))), {
            ...safety,
            timeoutMS: transactionMs,
          }),
        ),
      ),
    close: () => connection.close(),
  };
};
