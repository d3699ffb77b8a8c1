import type { AggregateDocument, Backlog, DeadLetter, Documents, Log, Message, ParkedMessage, Save, Unit } from '@scenefi/engine';
import { type Instant, Outage } from '@scenefi/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Settle = (messages: readonly Message[]) => Promise<void>;

/** A process on the log: it sends, and hears as a member of a group. */
export type BusUnderTest = { log: Log; consume(group: string, settle: Settle): Promise<void>; stop(): Promise<void> };

/** What stands between the engine and the outside, real or not. Whoever is not real moves only while `run` waits for something. */
export type Adapters = {
  documents(name: string): Documents;
  backlog: Backlog;
  bus(): Promise<BusUnderTest>;
  run<Value>(work: () => Promise<Value>): Promise<Value>;
  until(what: string, ask: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
};

const at: Instant = '2026-01-02T03:04:05.000Z';
const later: Instant = '2026-01-02T03:04:06.000Z';
const topic = 'campus.bill.v1';

const document = (_id: string, fields: Partial<AggregateDocument> = {}): AggregateDocument => ({
  _id,
  rev: 1,
  version: 1,
  state: { total: 1, deep: { list: [1, { empty: {} }], nothing: null } },
  at,
  recent: Buffer.from([0, 1, 255]),
  out: [{ version: 1, type: 't', time: at, value: '{"a":"学"}' }],
  ...fields,
});
const save = (one: AggregateDocument): Save => ({ document: one, expectedRev: one.rev - 1 });

const parked = (offset: number, fields: Partial<ParkedMessage> = {}): ParkedMessage => {
  const key = fields.key ?? `${topic}|k`;
  const message = { topic, partition: 0, offset, key: 'k', value: Buffer.from('{}'), timestampMs: 0, headers: {}, fault: 'none' };
  return { _id: `${key}|${offset}`, key, message, code: 'C', reason: 'r', since: at, aggregateIds: ['a'], ...fields };
};

const unit = (key: string, from: number, count = 1): Unit => ({
  topic,
  key,
  events: Array.from({ length: count }, (_, index) => {
    return { id: `${key}:${from + index}`, source: '/scenefi/test', type: 'test.v1', time: at, value: `{"n":${from + index}}` };
  }),
});
const idsOf = (messages: readonly Message[]): string[] => messages.map(({ event }) => event?.id ?? '');

/** Registers what documents, backlog and log must do for the engine; the same suite holds the real ones and those of the simulation. */
export const describeAdapters = (open: () => Promise<Adapters>): void => {
  let adapters: Adapters;
  beforeAll(async () => {
    adapters = await open();
  });
  afterAll(() => adapters.close());

  const saved = (documents: Documents, ...all: AggregateDocument[]): Promise<Set<string>> =>
    adapters.run(() => documents.save(all.map(save)));
  const load = async (documents: Documents, id: string): Promise<AggregateDocument | undefined> =>
    (await adapters.run(() => documents.load([id]))).get(id);

  test('a document comes back as it was saved, and what a later save leaves out is gone', async () => {
    const documents = adapters.documents('round');
    const first = document('one', { wakeAt: at, takes: true, unsent: 1 });

    expect(await saved(documents, first)).toEqual(new Set());
    expect(await load(documents, 'one')).toEqual(first);
    await saved(documents, document('one', { rev: 2 }));

    expect(await load(documents, 'one')).toEqual(document('one', { rev: 2 }));
    expect(await load(documents, 'nobody')).toBeUndefined();
  });

  test('in one bulk exactly those lose that somebody else wrote first', async () => {
    const documents = adapters.documents('races');
    await saved(documents, document('known'), document('overtaken'));
    await saved(documents, document('overtaken', { rev: 2, version: 7 }), document('taken', { version: 7 }));

    const losers = await saved(
      documents,
      document('new'),
      document('overtaken', { rev: 2 }),
      document('known', { rev: 2, version: 2 }),
      document('taken'),
    );

    expect(losers).toEqual(new Set(['overtaken', 'taken']));
    const versions = await Promise.all(['new', 'overtaken', 'known', 'taken'].map(async (id) => (await load(documents, id))?.version));
    expect(versions).toEqual([1, 7, 2, 7]);
  });

  test('what is due comes earliest first, those that take apart from those that ask', async () => {
    const documents = adapters.documents('due');
    const takes = (id: string, wakeAt: Instant): AggregateDocument => document(id, { wakeAt, takes: true });
    await saved(documents, takes('late', later), takes('early', at), document('asks', { wakeAt: at, takes: false }), document('rests'));

    const due = async (now: Instant, taking: boolean, limit = 9): Promise<string[]> =>
      (await adapters.run(() => documents.due(now, { takes: taking, limit }))).map(({ _id }) => _id);

    expect(await due(later, true)).toEqual(['early', 'late']);
    expect(await due(later, true, 1)).toEqual(['early']);
    expect(await due(at, true)).toEqual(['early']);
    expect(await due(at, false)).toEqual(['asks']);
  });

  test('a mark of unsent facts is taken off only if nobody saved a newer version', async () => {
    const documents = adapters.documents('unsent');
    const marked = document('marked', { unsent: 1 });
    await saved(documents, marked, document('young', { unsent: 1, at: later }), document('sent'));
    const open = async (): Promise<string[]> => (await adapters.run(() => documents.unsent(later, 9))).map(({ _id }) => _id);

    expect(await open()).toEqual(['marked']);
    await saved(documents, { ...marked, rev: 2, version: 2 });
    await adapters.run(() => documents.clearUnsent([marked]));
    expect(await open()).toEqual(['marked']);
    await adapters.run(() => documents.clearUnsent([{ ...marked, version: 2 }]));
    expect(await open()).toEqual([]);
    expect((await load(documents, 'marked'))?.rev).toBe(2);
  });

  const park = (message: ParkedMessage, head?: Awaited<ReturnType<typeof headOf>>): Promise<boolean> =>
    adapters.run(() => adapters.backlog.park(message, head));
  const headOf = async (key: string) => (await adapters.run(() => adapters.backlog.heads([key]))).get(key);

  test('a head rises with every message, and of two writers one has to come again', async () => {
    const key = `${topic}|raised`;
    expect(await park(parked(5, { key }))).toBe(true);
    const head = await headOf(key);
    expect(head).toMatchObject({ rev: 1, tail: 5, tries: 0 });

    expect(await park(parked(4, { key }), head)).toBe(true);
    expect(await park(parked(6, { key }), head)).toBe(false);
    expect(await park(parked(7, { key }))).toBe(false);

    expect(await headOf(key)).toMatchObject({ rev: 2, tail: 5 });
    const known = await adapters.run(() => adapters.backlog.parkedOf({ ...head!, tail: 5 }, 9));
    expect(known.map(({ message }) => message.offset)).toEqual([4, 5]);
  });

  test('a message that is parked again keeps its age and its reason', async () => {
    const key = `${topic}|again`;
    await park(parked(1, { key }));

    await park(parked(1, { key, since: later, reason: 'another', aggregateIds: null }), await headOf(key));

    const [again] = await adapters.run(async () => adapters.backlog.parkedOf((await adapters.backlog.heads([key])).get(key)!, 9));
    expect(again).toMatchObject({ since: at, reason: 'r', aggregateIds: null });
    await adapters.run(() => adapters.backlog.removeParked(again!));
  });

  test('a head is removed only as it was read', async () => {
    const key = `${topic}|removed`;
    await park(parked(1, { key }));
    const head = await headOf(key);
    await park(parked(2, { key }), head);

    await adapters.run(() => adapters.backlog.removeHead(head!));
    expect(await headOf(key)).toMatchObject({ rev: 2 });
    await adapters.run(() => adapters.backlog.postponeHead(head!, later));
    expect(await headOf(key)).toMatchObject({ rev: 2, tries: 1, retryAt: later });
    await adapters.run(async () => adapters.backlog.removeHead((await adapters.backlog.heads([key])).get(key)!));
    expect(await headOf(key)).toBeUndefined();
  });

  test('what no head covers is parked no more, and goes once its offset is committed', async () => {
    const key = `${topic}|orphans`;
    await park(parked(1, { key, aggregateIds: ['covered'] }));
    await park(parked(9, { key, aggregateIds: ['orphan'] }), { ...(await headOf(key))!, rev: 77 });
    const blocking = (): Promise<Set<string> | 'all'> => adapters.run(() => adapters.backlog.blocking(['covered', 'orphan', 'free']));
    expect(await blocking()).toEqual(new Set(['covered']));

    const kept = async (): Promise<number[]> =>
      (await adapters.run(() => adapters.backlog.parked(99))).filter((one) => one.key === key).map(({ message }) => message.offset);
    await adapters.run(() => adapters.backlog.removeOrphans(new Map([[`${topic}|0`, 9]])));
    expect(await kept()).toEqual([1, 9]);
    await adapters.run(() => adapters.backlog.removeOrphans(new Map([[`${topic}|0`, 10]])));
    expect(await kept()).toEqual([1]);

    await park(parked(2, { key, aggregateIds: null }), await headOf(key));
    expect(await blocking()).toBe('all');
  });

  test('a letter is buried once', async () => {
    const letter: DeadLetter = { _id: 'dead_1', code: 'C', reason: 'r', at, message: parked(1).message };
    await adapters.run(() => adapters.backlog.bury([letter]));
    await adapters.run(() =>
      adapters.backlog.bury([
        { ...letter, code: 'OTHER' },
        { ...letter, _id: 'dead_2' },
      ]),
    );

    const known = await adapters.run(() => adapters.backlog.deadLetter('dead_1'));
    expect(known).toMatchObject({ code: 'C', message: { offset: 1 } });
    expect(await adapters.run(() => adapters.backlog.counts())).toMatchObject({ deadLetters: 2 });
    await adapters.run(() => adapters.backlog.markRedriven('dead_1', later));
    expect(await adapters.run(() => adapters.backlog.counts())).toMatchObject({ deadLetters: 1 });
  });

  test('what is sent of one key is heard in its order, by a group that begins at the first message', async () => {
    const bus = await adapters.bus();
    await adapters.run(() => bus.log.send([unit('order-a', 1, 3), unit('order-b', 1)]));
    await adapters.run(() => bus.log.send([unit('order-a', 4)]));
    const heard: string[] = [];
    await adapters.run(() => bus.consume('order', async (messages) => void heard.push(...idsOf(messages))));

    await adapters.until('all was heard', () => heard.filter((id) => id.startsWith('order-')).length >= 5);

    expect(heard.filter((id) => id.startsWith('order-a'))).toEqual(['order-a:1', 'order-a:2', 'order-a:3', 'order-a:4']);
    await adapters.run(bus.stop);
  });

  test('what did not settle comes again, and nothing behind it on its partition comes before', async () => {
    const bus = await adapters.bus();
    await adapters.run(() => bus.log.send([unit('again', 1, 4)]));
    const tries: string[][] = [];
    await adapters.run(() =>
      bus.consume('again', async (messages) => {
        const ids = idsOf(messages).filter((id) => id.startsWith('again'));
        if (ids.length === 0) return;
        tries.push(ids);
        if (tries.length < 3) throw new Outage('the database is away');
      }),
    );

    await adapters.until('the last was heard', () => tries.at(-1)?.at(-1) === 'again:4' && tries.length >= 3);

    expect(tries.slice(0, 3).map(([first]) => first)).toEqual(['again:1', 'again:1', 'again:1']);
    await adapters.run(bus.stop);
  });

  test('a position is committed once it has settled, and who comes later reads on from there', async () => {
    const bus = await adapters.bus();
    await adapters.run(() => bus.log.send([unit('commit', 1, 2)]));
    await adapters.run(() => bus.consume('commit', async () => undefined));
    const hasPassed = async (): Promise<boolean> => {
      const [ends, committed] = await Promise.all([bus.log.ends(), bus.log.committed()]);
      return ends.size > 0 && [...ends].every(([place, end]) => (committed.get(place) ?? 0) === end);
    };
    await adapters.until('everything is committed', () => adapters.run(hasPassed));
    await adapters.run(bus.stop);

    const next = await adapters.bus();
    const heard: string[] = [];
    await adapters.run(() => next.log.send([unit('commit', 3)]));
    await adapters.run(() => next.consume('commit', async (messages) => void heard.push(...idsOf(messages))));
    await adapters.until('the new one was heard', () => heard.length > 0);
    expect(heard).toEqual(['commit:3']);
    await adapters.run(next.stop);
  });

  test('a key has the partition that every other client of Kafka gives it', async () => {
    const { log, stop } = await adapters.bus();
    const keys = ['bill_a', 'bill_b', 'pay_c', 'pay_d', '学生', 'ab', 'abcd', 'abcdefg'];
    expect(keys.map((key) => log.partitionOf(topic, key))).toEqual(placesOfKeys);
    await adapters.run(stop);
  });
};

/** Of three partitions, as `org.apache.kafka.common.utils.Utils.murmur2` computes them. */
const placesOfKeys = [2, 0, 0, 0, 1, 2, 2, 1];
