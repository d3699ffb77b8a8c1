import { type Collection, Conflict, mapped, type Store } from '@scenefi/store';
import mongoose from 'mongoose';
import type { Change, Database, Operation, Transaction, Written } from './database.ts';
import type { Deed, Life } from './life.ts';
import { copyOf, type Doc, type Filter, matches, sorted, type Update, updated } from './mongo-words.ts';
import type { Fault } from './world.ts';

const { MongoBulkWriteError, MongoNetworkError, MongoServerError } = mongoose.mongo;

type Options = { limit?: number; sort?: Readonly<Record<string, number>>; session?: unknown; upsert?: boolean };

const readFaults: readonly Fault[] = ['away', 'slow', 'crash-before'];
const writeFaults: readonly Fault[] = ['away', 'answer-lost', 'late', 'slow', 'crash-before', 'crash-after'];
const bulkFaults: readonly Fault[] = [...writeFaults, 'half', 'half'];

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
      // A process reads all the time and writes seldom; it is the writes that can be lost.
      weight: possible === readFaults ? 0.15 : 3,
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

    const bulk = (operations: readonly Operation[]) => {
      const results = operations.map((operation) => database.run(name, operation));
      const count = (what: keyof Written): number => results.filter((result) => result[what]).length;
      const counts = { insertedCount: count('inserted'), matchedCount: count('matched'), upsertedCount: count('upserted') };
      const writeErrors = results.flatMap(({ duplicate }, index) => (duplicate ? [{ index, code: 11_000 }] : []));
      return { counts, writeErrors };
    };

    /** Writes of a transaction are only noted; the commit finds out whether they hold. */
    const note = (session: Transaction, changes: readonly Change[]): void => void session.changes.push(...changes);

    const upsertInto = (session: Transaction, { updateOne }: Extract<Operation, { updateOne: object }>): void => {
      const id = updateOne.filter._id as string;
      const written = session.changes.findLast((change) => change.table === name && change.id === id)?.after;
      const base = database.majority(name).get(id);
      if (!session.bases.has(placeOf(name, id))) session.bases.set(placeOf(name, id), base);
      const before = written ?? base;
      note(session, [{ table: name, id, after: updated(before ?? { _id: id }, updateOne.update, before === undefined) }]);
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
        note(
          session as Transaction,
          documents.map((after) => ({ table: name, id: after._id, after: copyOf(after) })),
        ),
      updateOne: async (filter: Filter, update: Update, { upsert = false }: Options = {}) => {
        const operation = { updateOne: { filter: copyOf(filter), update: copyOf(update), upsert } };
        const result = await write(`update ${name} ${String(filter._id)}`, writeFaults, () => database.run(name, operation));
        if (result.duplicate) throw new MongoServerError({ message: 'duplicate key', code: 11_000 });
        return { matchedCount: result.matched ? 1 : 0 };
      },
      deleteOne: (filter: Filter) => write(`delete ${name} ${String(filter._id)}`, writeFaults, () => database.remove(name, filter)),
      bulkWrite: async (given: readonly Operation[], { session }: Options) => {
        const operations = given.map(copyOf);
        if (session) return operations.forEach((one) => void ('updateOne' in one && upsertInto(session as Transaction, one)));
        const half = (): undefined => void bulk(operations.filter((_, index) => index % 2 === 0));
        const { counts, writeErrors } = await write(`bulk ${name} ${operations.length}`, bulkFaults, () => bulk(operations), half);
        if (writeErrors.length === 0) return counts;
        throw new MongoBulkWriteError({ message: 'duplicate key', code: 11_000, writeErrors } as never, counts as never);
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
