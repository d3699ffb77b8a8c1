import type { AggregateDocument, Save } from '@scenefi/engine';
import type { Instant } from '@scenefi/kernel';
import { namespace } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Collection, Store } from '../src/connection.ts';
import { createDocuments, indexDocuments } from '../src/documents.ts';
import { openStore } from './open-store.ts';

const prefix = namespace('documents');
const at: Instant = '2026-01-02T03:04:05.000Z';
let store: Store;
let collection: Collection;

beforeAll(async () => {
  store = await openStore(prefix);
  collection = store.collection('counters');
  await indexDocuments(collection);
});
afterAll(() => store.close());

const document = (_id: string, fields: Partial<AggregateDocument> = {}): AggregateDocument => ({
  _id,
  rev: 1,
  version: 1,
  state: { total: 1, deep: { list: [1, { empty: {} }], nothing: null } },
  at,
  recent: Buffer.from([0, 1, 255]),
  out: [{ version: 1, type: 't', time: at, value: '{"a":"学"}', correlationId: 'c' }],
  ...fields,
});

const save = (one: AggregateDocument): Save => ({ document: one, expectedRev: one.rev - 1 });

test('a document comes back as it was saved, bytes as a buffer, empty objects and nulls included', async () => {
  const documents = createDocuments(store, 'counters');
  const saved = document('round-trip', { wakeAt: at, takes: true, unsent: 1 });

  expect(await documents.save([save(saved)])).toEqual(new Set());
  const loaded = (await documents.load(['round-trip', 'nobody'])).get('round-trip');

  expect(loaded).toEqual(saved);
  expect(Buffer.isBuffer(loaded?.recent)).toBe(true);
});

test('loading nothing and what nobody has gives nothing', async () => {
  const documents = createDocuments(store, 'counters');

  expect(await documents.load([])).toEqual(new Map());
  expect(await documents.load(['nobody'])).toEqual(new Map());
});

test('what a later save leaves out is gone', async () => {
  const documents = createDocuments(store, 'counters');
  await documents.save([save(document('shrinks', { wakeAt: at, takes: false, unsent: 1 }))]);

  await documents.save([save(document('shrinks', { rev: 2 }))]);

  const loaded = (await documents.load(['shrinks'])).get('shrinks');
  for (const field of ['wakeAt', 'takes', 'unsent']) expect(loaded).not.toHaveProperty(field);
});

test('in one bulk of new and known aggregates exactly those lose that somebody else wrote first', async () => {
  const documents = createDocuments(store, 'counters');
  await documents.save([save(document('b-known')), save(document('b-overtaken'))]);
  await documents.save([save(document('b-overtaken', { rev: 2, version: 7 })), save(document('b-taken', { version: 7 }))]);

  const losers = await documents.save([
    save(document('b-new')),
    save(document('b-overtaken', { rev: 2 })),
    save(document('b-known', { rev: 2, version: 2 })),
    save(document('b-taken')),
    save(document('b-new-too')),
  ]);

  expect(losers).toEqual(new Set(['b-overtaken', 'b-taken']));
  const loaded = await documents.load(['b-new', 'b-known', 'b-overtaken', 'b-taken', 'b-new-too']);
  expect(Object.fromEntries([...loaded].map(([id, { rev, version }]) => [id, `${rev}:${version}`]))).toEqual({
    'b-new': '1:1',
    'b-known': '2:2',
    'b-overtaken': '2:7',
    'b-taken': '1:7',
    'b-new-too': '1:1',
  });
});

test('of many writers of one aggregate exactly one wins each rev', async () => {
  const documents = createDocuments(store, 'counters');
  await documents.save([save(document('hot'))]);

  const results = await Promise.all(
    Array.from({ length: 20 }, (_, version) => documents.save([save(document('hot', { rev: 2, version }))])),
  );

  expect(results.filter((losers) => losers.size === 0)).toHaveLength(1);
});

test('a zombie that saves twice at the same rev loses the second time', async () => {
  const documents = createDocuments(store, 'counters');
  await documents.save([save(document('zombie'))]);

  expect(await documents.save([save(document('zombie', { rev: 2 }))])).toEqual(new Set());
  expect(await documents.save([save(document('zombie', { rev: 2 }))])).toEqual(new Set(['zombie']));
});

test('due aggregates come earliest first, those that take apart from the others', async () => {
  const due = store.collection('due');
  await indexDocuments(due);
  const documents = createDocuments(store, 'due');
  const wake = (_id: string, wakeAt: Instant, takes: boolean) => save(document(_id, { wakeAt, takes }));
  await documents.save([
    wake('late', '2026-01-02T03:00:02.000Z', false),
    wake('early', '2026-01-02T03:00:01.000Z', false),
    wake('future', '2026-01-02T03:00:09.000Z', false),
    wake('takes', '2026-01-02T03:00:00.000Z', true),
    save(document('rests')),
  ]);
  const now: Instant = '2026-01-02T03:00:02.000Z';
  const ids = async (takes: boolean, limit = 10) => (await documents.due(now, { takes, limit })).map(({ _id }) => _id);

  expect(await ids(false)).toEqual(['early', 'late']);
  expect(await ids(true)).toEqual(['takes']);
  expect(await ids(false, 1)).toEqual(['early']);
});

test('unsent aggregates are found once they are old enough, a mark of version 0 included', async () => {
  const marked = store.collection('marked');
  await indexDocuments(marked);
  const documents = createDocuments(store, 'marked');
  await documents.save([save(document('old', { unsent: 0 })), save(document('young', { unsent: 1, at: '2026-01-02T03:04:06.000Z' }))]);
  await documents.save([save(document('clean'))]);

  const found = await documents.unsent('2026-01-02T03:04:06.000Z', 10);

  expect(found.map(({ _id }) => _id)).toEqual(['old']);
});

test('a mark is taken away only from the version it was read with, and without a new rev', async () => {
  const documents = createDocuments(store, 'counters');
  const first = document('marked', { unsent: 1 });
  await documents.save([save(first)]);
  const second = document('marked', { rev: 2, version: 2, unsent: 2 });
  await documents.save([save(second)]);

  await documents.clearUnsent([first]);
  expect((await documents.load(['marked'])).get('marked')?.unsent).toBe(2);

  await documents.clearUnsent([second]);
  expect((await documents.load(['marked'])).get('marked')).toEqual(document('marked', { rev: 2, version: 2 }));
});

test('of many marks those stay whose aggregate was saved again, and the others go', async () => {
  const documents = createDocuments(store, 'counters');
  const first = ['m-one', 'm-two', 'm-three'].map((id) => document(id, { unsent: 1 }));
  await documents.save(first.map(save));
  await documents.save([save(document('m-two', { rev: 2, version: 2, unsent: 2 }))]);

  await documents.clearUnsent(first);

  const loaded = await documents.load(['m-one', 'm-two', 'm-three']);
  expect([...loaded].map(([id, { unsent }]) => [id, unsent]).sort()).toEqual([
    ['m-one', undefined],
    ['m-three', undefined],
    ['m-two', 2],
  ]);
});

test('two writers of the same aggregates in opposite order both end, and each aggregate is written once', async () => {
  const documents = createDocuments(store, 'counters');
  const ids = Array.from({ length: 50 }, (_, index) => `crossed-${index}`);
  await documents.save(ids.map((id) => save(document(id))));
  const write = (order: readonly string[], version: number) => documents.save(order.map((id) => save(document(id, { rev: 2, version }))));

  const [left, right] = await Promise.all([write(ids, 7), write([...ids].reverse(), 8)]);

  expect(left!.size + right!.size).toBe(ids.length);
  for (const [id, { version }] of await documents.load(ids)) expect(version).toBe(left!.has(id) ? 8 : 7);
});

test('over shards nothing is written in a transaction, and losers are told all the same', async () => {
  const transaction = () => Promise.reject(new Error('a transaction'));
  const documents = createDocuments({ collection: store.collection, transaction, sharded: true }, 'counters');
  await documents.save(['s-one', 's-two'].map((id) => save(document(id, { unsent: 1 }))));

  expect(await documents.save(['s-one', 's-two', 's-three'].map((id) => save(document(id))))).toEqual(new Set(['s-one', 's-two']));
  await documents.clearUnsent(['s-one', 's-two'].map((id) => document(id, { unsent: 1 })));

  const loaded = await documents.load(['s-one', 's-two', 's-three']);
  expect([...loaded.values()].map(({ unsent }) => unsent)).toEqual([undefined, undefined, undefined]);
});

test('aggregates at rest stand in no index but that of their ids', async () => {
  const resting = store.collection('resting');
  await indexDocuments(resting);
  const indexes = await resting.indexes();

  for (const { key, sparse } of indexes.filter(({ name }) => name !== '_id_')) {
    expect(sparse).toBe(true);
    // A sparse index over several fields holds a document that has any of them.
    for (const field of Object.keys(key)) expect(['takes', 'wakeAt', 'unsent']).toContain(field);
  }
  expect(indexes).toHaveLength(3);
});

test('fields that this version does not know survive in the state', async () => {
  const documents = createDocuments(store, 'counters');
  await documents.save([save(document('newer', { state: { total: 1, inventedLater: { a: [1] } } }))]);

  const loaded = (await documents.load(['newer'])).get('newer')!;
  await documents.save([save({ ...loaded, rev: 2 })]);

  expect((await documents.load(['newer'])).get('newer')?.state).toEqual({ total: 1, inventedLater: { a: [1] } });
});
