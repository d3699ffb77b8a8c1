import type { Message } from '@scenefi/engine';
import { Outage } from '@scenefi/kernel';
import { keptLogger, keptMeter, testClock } from '@scenefi/testing/scenario';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import { expect, test } from 'vitest';
import { createConsumer } from '../src/consume.ts';

const topic = 'campus.notice.v1';
type Listener = (event: { payload: object }) => void;

/** A consumer under our own hand: a test is the group, the fetcher and the clock. */
const open = async (settle: (messages: readonly Message[]) => Promise<void>) => {
  const clock = testClock('2026-01-02T03:04:05.000Z');
  const logger = keptLogger();
  const listeners = new Map<string, Listener>();
  const committedAgain: object[] = [];
  const crashes: string[] = [];
  const offsets = { committed: '-1', low: '3', high: '90' };
  let eachBatch: (payload: EachBatchPayload) => Promise<void> = async () => undefined;
  const settings: Record<string, unknown> = {};
  const consumer = {
    events: { GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', CRASH: 'crash' },
    on: (name: string, listener: Listener) => void listeners.set(name, listener),
    connect: async () => undefined,
    subscribe: async (options: object) => void Object.assign(settings, options),
    run: async (options: { eachBatch: typeof eachBatch }) => {
      eachBatch = options.eachBatch;
      Object.assign(settings, options);
    },
    commitOffsets: async (positions: object[]) => void committedAgain.push(...positions),
    disconnect: async () => undefined,
  };
  const admin = {
    fetchTopicOffsets: async () => [{ partition: 0, offset: offsets.high, ...offsets }],
    fetchOffsets: async () => [{ topic: `t.${topic}`, partitions: [{ partition: 0, offset: offsets.committed }] }],
  };
  const own = createConsumer({
    kafka: { consumer: () => consumer } as unknown as Kafka,
    admin: admin as unknown as Admin,
    namespace: 't.',
    group: 'campus',
    topics: [topic],
    settle,
    clock,
    logger,
    meter: keptMeter(),
    sessionTimeoutMs: 30_000,
    crashed: ({ message }) => void crashes.push(message),
  });
  await own.start(4);
  const tell = (name: string, payload: object = {}): void => listeners.get(name)?.({ payload });
  const join = (): void => tell('join', { memberAssignment: { [`t.${topic}`]: [0] } });
  return { own, clock, logger, offsets, admin, committedAgain, crashes, tell, join, settings, batch: fetched(() => eachBatch) };
};

/** Hands over records 0 to `count`; answers what became of them. */
const fetched =
  (eachBatch: () => (payload: EachBatchPayload) => Promise<void>) =>
  async (count: number, state: { stale?: boolean } = {}) => {
    const seen = { resolved: [] as string[], beats: 0, commits: 0, paused: 0, resumed: 0 };
    const messages = Array.from({ length: count }, (_, offset) => {
      return { offset: String(offset), key: Buffer.from('k'), value: Buffer.from('{}'), timestamp: '0', attributes: 0, headers: {} };
    });
    await eachBatch()({
      batch: { topic: `t.${topic}`, partition: 0, messages },
      resolveOffset: (offset: string) => void seen.resolved.push(offset),
      heartbeat: async () => {
        seen.beats += 1;
      },
      commitOffsetsIfNecessary: async () => {
        seen.commits += 1;
      },
      uncommittedOffsets: () => ({ topics: [] }),
      isRunning: () => true,
      isStale: () => state.stale ?? false,
      pause: () => {
        seen.paused += 1;
        return () => {
          seen.resumed += 1;
        };
      },
    } as unknown as EachBatchPayload);
    return seen;
  };

test('topics are read from their beginning, and nothing is resolved or committed but by us', async () => {
  const { settings } = await open(async () => undefined);

  expect(settings).toMatchObject({ topics: [`t.${topic}`], fromBeginning: true, autoCommit: false, eachBatchAutoResolve: false });
});

test('a batch is settled in slices of 250, and each is resolved only after it has settled', async () => {
  const slices: string[] = [];
  const { batch } = await open(async (messages) => void slices.push(`${messages[0]?.offset}-${messages.at(-1)?.offset}`));

  const seen = await batch(600);

  expect(slices).toEqual(['0-249', '250-499', '500-599']);
  expect(seen).toMatchObject({ resolved: ['249', '499', '599'], beats: 3, commits: 1, paused: 0 });
});

test('what is committed is a prefix: nothing behind a slice that did not settle is resolved', async () => {
  const { batch, clock } = await open(async (messages) => {
    if (messages[0]!.offset === 250) throw new Outage('the database is away');
  });

  const seen = await batch(600);

  expect(seen).toMatchObject({ resolved: ['249'], commits: 1, paused: 1, resumed: 0 });
  await clock.advance(249);
  expect(seen.resumed).toBe(0);
  await clock.advance(1);
  expect(seen.resumed).toBe(1);
});

test('a pause doubles up to five seconds, and starts anew after a slice that settled', async () => {
  let away = true;
  const { batch, logger } = await open(async () => {
    if (away) throw new Outage('the database is away');
  });
  for (let round = 0; round < 7; round += 1) await batch(1);
  away = false;
  await batch(1);
  away = true;
  await batch(1);

  expect(logger.lines.map(({ fields }) => fields.delayMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 250]);
});

test('a bug in settling pauses the partition and is shown; nothing is thrown at the client', async () => {
  const { batch, logger } = await open(async () => {
    throw new TypeError('a bug in the engine');
  });

  expect(await batch(1)).toMatchObject({ resolved: [], paused: 1 });
  expect(logger.lines.map(({ level, sentence }) => `${level} ${sentence}`)).toEqual(['error settling failed', 'warn a partition pauses']);
});

test('a batch of a partition that was taken away is left alone', async () => {
  const slices: number[] = [];
  const { batch } = await open(async (messages) => void slices.push(messages.length));

  expect(await batch(10, { stale: true })).toMatchObject({ resolved: [], commits: 0 });
  expect(slices).toEqual([]);
});

test('what was never committed counts from the first offset there is', async () => {
  const { own, offsets } = await open(async () => undefined);
  const where = `${topic}|0`;

  expect(await own.committed()).toEqual(new Map([[where, 3]]));
  offsets.committed = '7';
  expect(await own.committed()).toEqual(new Map([[where, 7]]));
  expect(await own.ends()).toEqual(new Map([[where, 90]]));
});

test('an owner whose commit was lost commits its position again until it reads it back', async () => {
  const { own, offsets, join, batch, committedAgain } = await open(async () => undefined);
  join();
  await batch(10);
  offsets.committed = '4';

  expect((await own.committed()).get(`${topic}|0`)).toBe(4);
  expect(committedAgain).toEqual([{ topic: `t.${topic}`, partition: 0, offset: '10' }]);

  offsets.committed = '10';
  await own.committed();
  expect(committedAgain).toHaveLength(1);
});

test('who owns a partition no longer does not commit it', async () => {
  const { own, offsets, join, tell, batch, committedAgain } = await open(async () => undefined);
  join();
  await batch(10);
  offsets.committed = '4';
  // The slice was on its way when the partition was taken away, and settled afterwards.
  tell('join', { memberAssignment: {} });
  await batch(12);

  await own.committed();

  expect(committedAgain).toEqual([]);
});

test('a broker that tells no offsets is an outage', async () => {
  const { own, admin } = await open(async () => undefined);
  admin.fetchTopicOffsets = async () => Promise.reject(new Error('no leader'));

  await expect(own.ends()).rejects.toThrow(Outage);
  await expect(own.committed()).rejects.toThrow(Outage);
});

test('a consumer has joined while the group has heard of it within the session', async () => {
  const { own, clock, join, tell } = await open(async () => undefined);
  expect(own.joined()).toBe(false);
  join();
  await clock.advance(29_999);
  expect(own.joined()).toBe(true);
  tell('heartbeat');
  await clock.advance(29_999);
  expect(own.joined()).toBe(true);
  await clock.advance(1);
  expect(own.joined()).toBe(false);
});

test('a crash that the client does not mend ends the process; one that it mends does not', async () => {
  const { crashes, own, join, tell } = await open(async () => undefined);
  join();
  tell('crash', { restart: true, error: new Error('the coordinator moved') });
  expect([crashes, own.joined()]).toEqual([[], false]);

  tell('crash', { restart: false, error: new Error('for good') });
  expect(crashes).toEqual(['for good']);
});
