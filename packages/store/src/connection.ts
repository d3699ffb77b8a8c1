import { type Clock, Outage, withDeadline } from '@scenefi/kernel';
import mongoose from 'mongoose';
import { mapMongoError, mapped, storeErrors } from './errors.ts';

export type StoreConfig = { url: string; database: string; clock: Pick<Clock, 'after'> };
export type Collection = mongoose.mongo.Collection<mongoose.mongo.BSON.Document & { _id: string }>;
export type Session = mongoose.mongo.ClientSession;

/** Every acknowledged write survives a crash and an election; every read sees only such writes, whatever the URL says. */
const { ReadConcern, WriteConcern } = mongoose.mongo;
const safety = {
  readPreference: 'primary' as const,
  readConcern: new ReadConcern('majority'),
  writeConcern: new WriteConcern('majority', undefined, true),
};

/** Shorter than a consumer's session: whoever waits longer loses its partitions. The driver itself would try for two minutes. */
const transactionMs = 10_000;
const helloMs = 5_000;

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
export const connectStore = async ({ url, database, clock }: StoreConfig) => {
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
  const late = () => new Outage('the database did not answer in time');
  const hello = () => mapped(() => withDeadline(db.admin().command({ hello: 1 }), { clock, ms: helloMs, late }));
  const first = await hello();
  const sharded = first.msg === 'isdbgrid';
  if (!first.setName && !sharded) {
    await connection.close();
    throw storeErrors.STANDALONE();
  }

  return {
    /** Whether a router stands before several shards: a transaction over documents of several is a commit in two phases there. */
    sharded,
    collection: (name: string): Collection => db.collection(name, safety),
    /** The database's own time, in milliseconds since 1970. */
    timeMs: async (): Promise<number> => {
      const { localTime } = await hello();
      if (!(localTime instanceof Date)) throw new Outage('the database tells no time');
      return localTime.getTime();
    },
    /** Runs the work in one transaction; it may run several times. After an Outage it may have happened or not. */
    transaction: <Value>(work: (session: Session) => Promise<Value>): Promise<Value> => {
      let overdue = false;
      const tryOnce = async (session: Session): Promise<Value> => {
        if (overdue) throw late();
        try {
          return await work(session);
        } catch (error) {
          throw asTransient(error);
        }
      };
      const ended = client.withSession((session) => session.withTransaction(() => tryOnce(session), safety));
      const giveUp = (): Error => {
        overdue = true;
        return late();
      };
      return mapped(() => withDeadline(ended, { clock, ms: transactionMs, late: giveUp }));
    },
    close: () => connection.close(),
  };
};
