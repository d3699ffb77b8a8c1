import { defineErrors, Outage } from '@scenefi/kernel';
import mongoose from 'mongoose';

const { MongoBulkWriteError, MongoError, MongoServerError, MongoNetworkError } = mongoose.mongo;

export const storeErrors = defineErrors('STORE', {
  STANDALONE: {
    status: 500,
    retryable: false,
    title: 'MONGO_URL names a standalone mongod; start it with --replSet and initiate the set, or name a replica set',
  },
});

/** Somebody else wrote first: the caller loads again and decides again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

const duplicateKey = 11_000;
const writeConflict = 112;

/** Codes after which the same call may succeed: elections, shutdowns, time limits, network trouble inside the cluster. */
const outageCodes = new Set([6, 7, 50, 63, 89, 91, 134, 150, 189, 234, 262, 358, 9_001, 10_107, 11_600, 11_602, 13_388, 13_435, 13_436]);

/** Names of driver errors that say the server could not be reached or did not answer. */
const away = 'Network|ServerSelection|NotConnected|TopologyClosed|ConnectionPoolCleared|PoolClosed|PoolCleared';
const late = 'WaitQueueTimeout|OperationTimeout|WriteConcern|ExpiredSession|TopologyDescription';
const outageNames = new RegExp(`^Mongo(${away}|${late})`);

export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === duplicateKey;

/**
 * Turns what the driver throws into an Outage (away or unsure: nothing ended), a Conflict (another writer was first),
 * or gives it back as it is: then it is a bug.
 */
export const mapMongoError = (error: unknown): unknown => {
  // The one error that mongoose makes of its own while it connects.
  if (error instanceof mongoose.Error.MongooseServerSelectionError) return new Outage('the database is away', { cause: error });
  if (!(error instanceof MongoError)) return error;
  if (error instanceof MongoBulkWriteError) {
    const codes = [error.writeErrors].flat().map(({ code }) => code);
    if (codes.length > 0 && codes.every((code) => code === duplicateKey || code === writeConflict))
      return new Conflict(error.message, { cause: error });
    if (codes.some((code) => !outageCodes.has(code) && code !== duplicateKey && code !== writeConflict)) return error;
    return new Outage('the database did not take every write', { cause: error });
  }
  const code = Number(error.code);
  if (code === duplicateKey || code === writeConflict || code === 251) return new Conflict(error.message, { cause: error });
  if (error instanceof MongoNetworkError || outageNames.test(error.name) || outageCodes.has(code)) {
    return new Outage('the database is away', { cause: error });
  }
  return error;
};

/** Runs a call of the driver and throws what its errors mean. */
export const mapped = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    throw mapMongoError(error);
  }
};
