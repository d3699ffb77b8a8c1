import { type Collection, Conflict, mapped, type Store } from '@scenefi/store';
import mongoose from 'mongoose';
import { type Database, filterOf, type Operation, outcomeOf, type Transaction, type Written } from './database.ts';
import type { Deed, Life } from './life.ts';
import { copyOf, type Doc, type Filter, matches, sorted, type Update } from './mongo-words.ts';
import type { Fault } from './world.ts';

const { MongoBulkWriteError, MongoNetworkError, MongoServerError } = mongoose.mongo;

type Options = { limit?: number; sort?: Readonly<Record<string, number>>; session?: unknown; upsert?: boolean };

const readFaults: readonly Fault[] = ['away', 'slow', 'crash-before'];
const writeFaults: readonly Fault[] = ['away', 'answer-lost', 'late', 'slow', 'crash-before', 'crash-after'];
const bulkFaults: readonly Fault[] = [...writeFaults, 'half', 'half'];

/** A process reads all the time and writes seldom; it is the writes that can be lost, and the small ones that come late. */
const weights: Readonly<Record<string, number>> = { find: 0.15, update: 6 };

const away = (): Error => new MongoNetworkError('the database does not answer');
const placeOf = (table: string, id: string): string => `${table}\n${id}`;
const triesMax = 5;

/** The database of one service as one process reaches it, in the words of the driver. */
export const createStore = (life: Life, database: Database): Store => {
  const call = <Answer>(what: string, possible: readonly Fault[], deed: Deed<Answer>, half?: () => undefined): Promise<Answer> =>
    life.call<Answer>({
      side: 'database',
      what,
      possible,
      weight: weights[what.slice(0, what.indexOf(' '))] ?? 3,
      outage: away,
      deed: (answer, fail) => {
        if (database.away) fail(away());
        else deed(answer, fail);
      },
      ...(half && { half }),
    });

  /** Acknowledged when the majority has it. */
  const write = <Answer>(what: string, possible: readonly Fault[], work: () => Answer, half?: () => undefined): Promise<Answer> =>
    call(
      what,
      possible,
      (answer, fail) => {
        const done = work();
        database.whenSafe(
          () => answer(done),
          () => fail(away()),
        );
      },
      half,
    );

  const rowsOf = (name: string, filter: Filter): Doc[] => {
    const rows = database.majority(name);
    const ids = (filter._id as { $in?: readonly string[] } | undefined)?.$in;
    if (ids) return [...new Set(ids)].flatMap((id) => rows.get(id) ?? []);
    return [...rows.values()].filter((doc) => matches(doc, filter));
  };

  const collection = (name: string) => {
    const read = async (filter: Filter, { limit = 0, sort, session }: Options): Promise<Doc[]> => {
      const found = await call<Doc[]>(`find ${name}`, readFaults, (answer) => answer(rowsOf(name, filter)));
      const own = session as Transaction | undefined;
      const ids = (filter._id as { $in?: readonly string[] } | undefined)?.$in ?? [];
      if (own)
        for (const id of ids)
          if (!own.bases.has(placeOf(name, id)))
            own.bases.set(
              placeOf(name, id),
              found.find(({ _id }) => _id === id),
            );
      const ordered = sort ? sorted(found, sort) : found;
      return (limit > 0 ? ordered.slice(0, limit) : ordered).map(copyOf);
    };

    /** Writes of a transaction are only noted; the commit finds out whether they hold. */
    const noteOne = (session: Transaction, operation: Operation): Written => {
      const id = 'insertOne' in operation ? operation.insertOne.document._id : (filterOf(operation)._id as string);
      const written = session.changes.findLast((change) => change.table === name && change.id === id)?.after;
      const base = database.majority(name).get(id);
      if (!session.bases.has(placeOf(name, id))) session.bases.set(placeOf(name, id), base);
      const { written: end, after } = outcomeOf(operation, written ?? base);
      if (after) session.changes.push({ table: name, id, after });
      return end;
    };

    const bulkResult = (results: readonly Written[]) => {
      const count = (what: keyof Written): number => results.filter((result) => result[what]).length;
      const counts = { insertedCount: count('inserted'), matchedCount: count('matched'), upsertedCount: count('upserted') };
      const writeErrors = results.flatMap(({ duplicate }, index) => (duplicate ? [{ index, code: 11_000 }] : []));
      if (writeErrors.length === 0) return counts;
      throw new MongoBulkWriteError({ message: 'duplicate key', code: 11_000, writeErrors } as never, counts as never);
    };

    return {
      createIndex: async () => name,
      find: (filter: Filter, options: Options = {}) => ({ toArray: () => read(filter, options) }),
      findOne: async (filter: Filter) => {
        const [found] = await read(typeof filter._id === 'string' ? { ...filter, _id: { $in: [filter._id] } } : filter, {});
        return found ?? null;
      },
      countDocuments: async (filter: Filter) => (await read(filter, {})).length,
      insertOne: async (document: Doc) => {
        const copy = copyOf(document);
        const { duplicate } = await write(`insert ${name}`, writeFaults, () => database.run(name, { insertOne: { document: copy } }));
        if (duplicate) throw new MongoServerError({ message: 'duplicate key', code: 11_000 });
      },
      insertMany: async (documents: readonly Doc[], { session }: Options) =>
        void bulkResult(documents.map((document) => noteOne(session as Transaction, { insertOne: { document: copyOf(document) } }))),
      updateOne: async (filter: Filter, update: Update, { upsert = false }: Options = {}) => {
        const operation = { updateOne: { filter: copyOf(filter), update: copyOf(update), upsert } };
        const result = await write(`update ${name} ${String(filter._id)}`, writeFaults, () => database.run(name, operation));
        if (result.duplicate) throw new MongoServerError({ message: 'duplicate key', code: 11_000 });
        return { matchedCount: result.matched ? 1 : 0 };
      },
      deleteOne: (filter: Filter) => write(`delete ${name} ${String(filter._id)}`, writeFaults, () => database.remove(name, filter)),
      bulkWrite: async (given: readonly Operation[], { session }: Options) => {
        const operations = given.map(copyOf);
        if (session) return bulkResult(operations.map((one) => noteOne(session as Transaction, one)));
        const run = (some: readonly Operation[]): Written[] => some.map((one) => database.run(name, one));
        const half = (): undefined => void run(operations.filter((_, index) => index % 2 === 0));
        const what = operations.some((one) => 'updateOne' in one) ? 'update' : 'bulk';
        return bulkResult(await write(`${what} ${name} ${operations.length}`, bulkFaults, () => run(operations), half));
      },
    };
  };

  const transaction = async <Value>(work: (session: never) => Promise<Value>): Promise<Value> => {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const session: Transaction = { changes: [], bases: new Map() };
      const value = await mapped(() => work(session as never));
      const end = await mapped(() => write('commit', writeFaults, () => database.commit(session)));
      if (end === 'done') return value;
      if (end === 'duplicate') throw new Conflict('duplicate key');
    }
    throw new Conflict('other transactions win every time');
  };

  return {
    collection: (name: string) => collection(name) as unknown as Collection,
    timeMs: async () => life.clock.now(),
    transaction,
    close: async () => undefined,
  } as unknown as Store;
};
