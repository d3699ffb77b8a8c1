import { Outage } from '@scenefi/kernel';
import { namespace, openProxy, rawDatabase } from '@scenefi/testing/engines';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectStore, type Store } from '../src/connection.ts';
import { createDocuments } from '../src/documents.ts';
import { Conflict, isDuplicateKey, mapped } from '../src/errors.ts';
import { clock, databaseOf, openProxiedStore, openStore } from './open-store.ts';

const prefix = namespace('errors');
let store: Store;

beforeAll(async () => {
  store = await openStore(prefix);
});
afterAll(() => store.close());

const thrownBy = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

const aggregate = (_id: string) => ({
  _id,
  rev: 1,
  version: 0,
  state: {},
  at: '2026-01-02T03:04:05.000Z' as const,
  recent: Buffer.alloc(0),
  out: [],
});

test('a duplicate key is a conflict, alone and in a bulk', async () => {
  const things = store.collection('things');
  await things.insertOne({ _id: 'taken' });
  const alone = (): Promise<unknown> => things.insertOne({ _id: 'taken' });
  const inBulk = (): Promise<unknown> => things.bulkWrite([{ insertOne: { document: { _id: 'taken' } } }], { ordered: false });

  expect(isDuplicateKey(await thrownBy(alone))).toBe(true);
  for (const work of [alone, inBulk])
    expect(await thrownBy(() => mapped(work))).toMatchObject({ name: 'Conflict', cause: expect.anything() });
});

test('what the database refuses for another reason is a bug and stays as it is', async () => {
  const things = store.collection('things');
  const wrong = () => things.updateOne({ _id: 'x' }, { $noSuchOperator: { a: 1 } } as never);
  const error = await thrownBy(() => mapped(wrong));

  expect(error).not.toBeInstanceOf(Outage);
  expect(error).not.toBeInstanceOf(Conflict);
});

test('an error that is not of the driver stays as it is', async () => {
  const bug = new TypeError('a bug');

  expect(await thrownBy(() => mapped(() => Promise.reject(bug)))).toBe(bug);
});

test('two transactions that write the same document conflict, and both are done in the end', async () => {
  const balances = store.collection('balances');
  await balances.insertOne({ _id: 'b1', sum: 0 });
  let runs = 0;
  const add = () =>
    store.transaction(async (session) => {
      runs += 1;
      const { sum } = (await balances.findOne({ _id: 'b1' }, { session })) as unknown as { sum: number };
      await balances.updateOne({ _id: 'b1' }, { $set: { sum: sum + 1 } }, { session });
    });

  await Promise.all(Array.from({ length: 8 }, add));

  expect(await balances.findOne({ _id: 'b1' })).toMatchObject({ sum: 8 });
  expect(runs).toBeGreaterThanOrEqual(8);
});

test('a write that meets an open transaction on the same document is a conflict', async () => {
  const raw = await rawDatabase(prefix, 'store');
  const balances = raw.db.collection<{ _id: string; sum: number }>('open');
  await balances.insertOne({ _id: 'b1', sum: 0 });
  const [one, other] = [raw.db.client.startSession(), raw.db.client.startSession()];
  one.startTransaction();
  other.startTransaction();
  await balances.updateOne({ _id: 'b1' }, { $inc: { sum: 1 } }, { session: one });

  expect(await thrownBy(() => mapped(() => balances.updateOne({ _id: 'b1' }, { $inc: { sum: 1 } }, { session: other })))).toBeInstanceOf(
    Conflict,
  );

  await one.abortTransaction();
  await Promise.all([one.endSession(), other.endSession()]);
  await raw.close();
});

test('a transaction that throws leaves nothing, and its error comes out as it is', async () => {
  const things = store.collection('aborted');
  await things.insertOne({ _id: 'before' });
  const bug = new TypeError('a bug');
  const work = () =>
    store.transaction(async (session) => {
      await things.insertOne({ _id: 'inside' }, { session });
      throw bug;
    });

  expect(await thrownBy(work)).toBe(bug);
  expect(await things.findOne({ _id: 'inside' })).toBeNull();
});

const openStoreWith = async (name: string) => {
  const opened = await openProxiedStore(prefix);
  const documents = createDocuments(opened.store, name);
  await documents.save([{ document: aggregate('a'), expectedRev: 0 }]);
  const calls: (() => Promise<unknown>)[] = [
    () => documents.load(['a']),
    () => documents.save([{ document: aggregate('b'), expectedRev: 0 }]),
    () => documents.save(['c', 'd'].map((id) => ({ document: aggregate(id), expectedRev: 0 }))),
    () => opened.store.timeMs(),
  ];
  const transaction = (): Promise<unknown> =>
    opened.store.transaction(async (session) => opened.store.collection(name).findOne({ _id: 'a' }, { session }));
  return { ...opened, documents, calls, transaction };
};

// These wait for time limits of the driver, so they wait together.
describe.concurrent('when the database is away', () => {
  test('a connection that is cut is an outage, and the same store works again afterwards', async ({ expect }) => {
    const { proxy, documents, calls, transaction, close } = await openStoreWith('cut');

    proxy.cut();
    const errors = await Promise.all([...calls, transaction].map(thrownBy));
    proxy.heal();

    for (const error of errors) expect(error).toBeInstanceOf(Outage);
    expect([...(await documents.load(['a', 'b'])).keys()]).toEqual(['a']);
    await close();
  });

  test('a database that keeps its connections but answers nothing is an outage before the session of a consumer ends', async ({
    expect,
  }) => {
    const { proxy, calls, transaction, close } = await openStoreWith('stalled');

    proxy.stall();
    const startedAt = performance.now();
    const errors = await Promise.all([...calls, transaction].map(thrownBy));

    for (const error of errors) expect(error).toBeInstanceOf(Outage);
    expect(performance.now() - startedAt).toBeLessThan(29_000);
    await close();
  });

  test('a database that was never there is an outage, so that a service waits for it', async ({ expect }) => {
    const nobody = await openProxy({ host: '127.0.0.1', port: 1 });
    const url = `mongodb://127.0.0.1:${nobody.port}/?directConnection=true`;

    expect(await thrownBy(() => connectStore({ url, database: databaseOf(prefix), clock }))).toBeInstanceOf(Outage);
    await nobody.close();
  });
});

test('the time is the one of the database', async () => {
  const { db, close } = await rawDatabase(prefix, 'store');
  const before = (await db.admin().command({ hello: 1 })).localTime as Date;

  const timeMs = await store.timeMs();

  expect(timeMs).toBeGreaterThanOrEqual(before.getTime());
  expect(timeMs - before.getTime()).toBeLessThan(5_000);
  await close();
});
