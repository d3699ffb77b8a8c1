import type { Backlog, DeadLetter, Message, ParkedHead, ParkedMessage } from '@scenefi/engine';
import type { Instant } from '@scenefi/kernel';
import { namespace } from '@scenefi/testing/engines';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createBacklog } from '../src/backlog.ts';
import type { Store } from '../src/connection.ts';
import { openStore } from './open-store.ts';

const prefix = namespace('backlog');
const at: Instant = '2099-01-02T03:04:05.000Z';
const key = 'campus.notice.v1|k1';
let store: Store;
let backlog: Backlog;

beforeAll(async () => {
  store = await openStore(prefix);
  backlog = await createBacklog(store);
});
beforeEach(async () => {
  for (const name of ['parked_messages', 'parked_heads', 'dead_letters']) await store.collection(name).deleteMany({});
});
afterAll(() => store.close());

const message = (offset: number, more: object = {}): Message => ({
  topic: 'campus.notice.v1',
  partition: 2,
  offset,
  key: 'k1',
  value: Buffer.from([0xff, 0x00, offset % 256]),
  timestampMs: 1_790_000_000_000,
  headers: { ce_id: 'school:1' },
  event: { id: 'school:1', source: '/x', type: 't', time: at },
  ...more,
});

const parked = (offset: number, more: Partial<ParkedMessage> = {}): ParkedMessage => ({
  _id: `campus.notice.v1|2|${offset}`,
  key,
  message: message(offset),
  code: 'ENGINE_UNEXPECTED',
  reason: 'because',
  since: at,
  aggregateIds: ['c1'],
  ...more,
});

const letter = (_id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  _id,
  code: 'X',
  reason: 'r',
  at,
  message: message(1),
  ...more,
});

const headOf = async (name = key): Promise<ParkedHead | undefined> => (await backlog.heads([name])).get(name);

/** Parks as `settle` does: behind the head as it stands. */
const park = async (offset: number, more: Partial<ParkedMessage> = {}): Promise<boolean> =>
  backlog.park(parked(offset, more), await headOf(more.key ?? key));

test('a parked message comes back as it was, with its bytes, under a head that covers it', async () => {
  expect(await park(7)).toBe(true);

  const head = await headOf();
  expect(head).toEqual({ _id: key, rev: 1, tail: 7, topic: 'campus.notice.v1', partition: 2, retryAt: at, tries: 0 });
  const [found] = await backlog.parkedOf(head!, 10);
  expect(found).toEqual(parked(7));
  expect(Buffer.isBuffer(found?.message.value)).toBe(true);
});

test('the head rises with every message and never falls', async () => {
  await park(7);
  await park(9);
  await park(8);

  expect(await headOf()).toMatchObject({ rev: 3, tail: 9 });
  expect((await backlog.parkedOf((await headOf())!, 10)).map(({ message: { offset } }) => offset)).toEqual([7, 8, 9]);
  expect((await backlog.parkedOf((await headOf())!, 2)).map(({ message: { offset } }) => offset)).toEqual([7, 8]);
});

test('of two writers that park behind the same head one is told to come again', async () => {
  expect([await backlog.park(parked(7), undefined), await backlog.park(parked(8), undefined)]).toEqual([true, false]);

  const stale = await headOf();
  await park(9);
  expect(await backlog.park(parked(10), stale)).toBe(false);
});

test('a message parked twice is one document', async () => {
  await park(7);
  await park(7);

  expect(await backlog.counts()).toEqual({ parked: 1, deadLetters: 0 });
});

test('a message parked again keeps its first code and its age', async () => {
  await park(7);
  await park(7, { code: 'ENGINE_WAITS', since: '2099-01-05T00:00:00.000Z', aggregateIds: ['c1', 'c2'] });

  expect(await backlog.parked(10)).toEqual([parked(7, { aggregateIds: ['c1', 'c2'] })]);
});

test('a head is removed only at the rev that was drained', async () => {
  await park(7);
  const drained = (await headOf())!;
  await park(8);

  await backlog.removeHead(drained);
  expect(await headOf()).toMatchObject({ rev: 2 });
  await backlog.removeHead((await headOf())!);
  expect(await headOf()).toBeUndefined();
});

test('a postponed head is due later, and says how often it was tried', async () => {
  await park(7);
  await park(3, { key: 'other|k', message: message(3, { key: 'k' }) });
  await backlog.postponeHead((await headOf())!, '2099-01-02T03:04:10.000Z');

  const due = async (now: Instant) => (await backlog.dueHeads(now, 10)).map(({ _id, tries }) => `${_id} ${tries}`);
  expect(await due(at)).toEqual(['other|k 0']);
  expect(await due('2099-01-02T03:04:10.000Z')).toEqual(['other|k 0', `${key} 1`]);
});

test('a document without a head, or above its tail, is no parked message: it blocks nothing and goes once it is committed', async () => {
  await park(7);
  await store
    .collection('parked_messages')
    .insertMany([
      { ...parked(9, { aggregateIds: ['above-tail'] }) },
      { ...parked(3, { _id: 'campus.notice.v1|2|3', key: 'x|y', aggregateIds: null }) },
    ] as never);

  expect(await backlog.blocking(['above-tail', 'c1'])).toEqual(new Set(['c1']));

  const offsets = async (committed: number) => {
    await backlog.removeOrphans(new Map([['campus.notice.v1|2', committed]]));
    return (await backlog.parked(10)).map(({ message: { offset } }) => offset);
  };
  expect(await offsets(3)).toEqual([7, 9, 3]);
  expect(await offsets(9)).toEqual([7, 9]);
  expect(await offsets(10)).toEqual([7]);
});

test('what is parked blocks its aggregates; what cannot be mapped blocks all', async () => {
  await park(7, { aggregateIds: ['c1', 'c2'] });
  await park(8, { aggregateIds: [] });

  expect(await backlog.blocking(['c2', 'c3'])).toEqual(new Set(['c2']));
  expect(await backlog.blocking([])).toEqual(new Set());

  await park(9, { aggregateIds: null });
  expect(await backlog.blocking(['c3'])).toBe('all');
});

test('a letter that is buried twice is one, and the first stands', async () => {
  await backlog.bury([letter('dead_1'), letter('dead_2')]);
  await backlog.bury([letter('dead_1', { code: 'Y', at: '2099-02-02T03:04:05.000Z' }), letter('dead_3')]);

  expect(await backlog.deadLetter('dead_1')).toMatchObject({ code: 'X', at, message: { value: Buffer.from([0xff, 0x00, 1]) } });
  expect(await backlog.counts()).toEqual({ parked: 0, deadLetters: 3 });
  expect(await backlog.deadLetter('nobody')).toBeUndefined();
});

test('the same letter buried by two processes at once is one letter and no error', async () => {
  await Promise.all(Array.from({ length: 10 }, () => backlog.bury([letter('dead_race'), letter('dead_race_too')])));

  expect((await backlog.counts()).deadLetters).toBe(2);
});

test('letters are listed newest first, and one that was re-driven counts no longer', async () => {
  await backlog.bury([letter('old'), letter('new', { at: '2099-02-02T03:04:05.000Z' })]);
  await backlog.markRedriven('old', '2099-03-02T03:04:05.000Z');

  expect((await backlog.deadLetters(10)).map(({ _id, redrivenAt }) => [_id, redrivenAt])).toEqual([
    ['new', undefined],
    ['old', '2099-03-02T03:04:05.000Z'],
  ]);
  expect((await backlog.counts()).deadLetters).toBe(1);
});

test('a letter is removed by the database after thirty days', async () => {
  await backlog.bury([letter('dead_1')]);

  const raw = await store.collection('dead_letters').findOne({ _id: 'dead_1' });
  expect(raw?.expiresAt).toEqual(new Date('2099-02-01T03:04:05.000Z'));
  expect(await store.collection('dead_letters').indexes()).toContainEqual(
    expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
  );
});

test('a record of a stranger whose headers have odd names can be buried and parked', async () => {
  const { event: _event, ...rest } = message(5) as Extract<Message, { event: object }>;
  const headers = { 'a.b': 'x', $set: 'x', '': 'x', 学: 'x', _id: 'x' };
  const strange = { ...rest, headers, fault: 'ce_id is missing' } as Message;

  await backlog.bury([letter('dead_strange', { message: strange })]);
  await park(5, { message: strange });

  expect(await backlog.deadLetter('dead_strange')).toMatchObject({ message: strange });
  expect(await backlog.parked(10)).toMatchObject([{ message: strange }]);
});
