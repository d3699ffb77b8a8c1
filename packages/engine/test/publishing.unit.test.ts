import { expect, test } from 'vitest';
import { counterScene } from './counter.ts';
import { add, entry, openWorld, startAt, statuses } from './world.ts';

const versions = (document: { out: { version: number }[] } | undefined): number[] => document?.out.map(({ version }) => version) ?? [];
const http = { backed: false };

test('a fact leaves `out` only in a later save of a process that knows it was acknowledged', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();

  await apply([add('c1', 'm1')]);
  expect(versions(documents.get('c1'))).toEqual([1]);
  await apply([add('c1', 'm2')]);
  expect(versions(documents.get('c1'))).toEqual([2]);
});

test('another process keeps in `out` what only the first knows to be acknowledged', async () => {
  const { documents, boot } = openWorld();

  await boot().apply([add('c1', 'm1')]);
  await boot().apply([add('c1', 'm2')]);

  expect(versions(documents.get('c1'))).toEqual([1, 2]);
});

test('after a restart the whole of `out` is published once more, and then never again', async () => {
  const { log, boot } = openWorld();
  await boot().apply([add('c1', 'm1'), add('c1', 'm2')]);
  const { apply } = boot();

  await apply([add('c1', 'm1')]);
  expect(log.ids()).toEqual(['c1:1', 'c1:2', 'c1:1', 'c1:2']);

  await apply([add('c1', 'm1')]);
  await apply([add('c1', 'm3')]);
  expect(log.ids().slice(4)).toEqual(['c1:3']);
});

test('a fact that a crashed process had saved is published by whoever hears the message again', async () => {
  const { log, boot } = openWorld();
  log.away = true;
  const outcomes = await boot().apply([add('c1', 'm1')]);
  log.away = false;

  const again = await boot().apply([add('c1', 'm1')]);

  expect(statuses([...outcomes, ...again])).toEqual(['unknown', 'repeat']);
  expect(log.ids()).toEqual(['c1:1']);
});

test('a produce that fails makes the outcome of its aggregate unknown, and of no other', async () => {
  const { documents, log, logger, boot } = openWorld();
  log.sick.add(1);

  const outcomes = await boot().apply([add('c1', 'm1'), add('c2', 'm2')]);

  expect(statuses(outcomes)).toEqual(['unknown', 'done']);
  expect(versions(documents.get('c1'))).toEqual([1]);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { aggregateId: 'c1' } }]);
});

test('a lost answer costs a repeat, never a gap: the first appearance of every fact is in order', async () => {
  const { log, boot } = openWorld();
  const { apply } = boot();
  log.answersLost = 2;

  const first = await apply([add('c1', 'm1'), add('c1', 'm2')]);
  const second = await apply([add('c1', 'm1'), add('c1', 'm2'), add('c1', 'm3')]);

  expect(statuses(first)).toEqual(['unknown', 'unknown']);
  expect(statuses(second)).toEqual(['repeat', 'repeat', 'done']);
  expect(log.ids()).toEqual(['c1:1', 'c1:2', 'c1:1', 'c1:2', 'c1:1', 'c1:2', 'c1:3']);
});

test('two writers of one aggregate in one process publish its facts in order and without a gap', async () => {
  const { log, documents, boot } = openWorld();
  const { apply, batcher } = boot();
  const release = log.hold();

  const first = apply([add('c1', 'm1')]);
  await expect.poll(() => batcher.waiting()).toBe(1);
  const second = apply([add('c1', 'm2')]);
  await expect.poll(() => batcher.waiting()).toBe(3);
  release();

  expect(statuses([...(await first), ...(await second)])).toEqual(['done', 'done']);
  expect(log.ids()).toEqual(['c1:1', 'c1:1', 'c1:2']);
  expect(documents.get('c1')?.version).toBe(2);
});

test('only public facts raise the version and are published', async () => {
  const { documents, log, boot } = openWorld();

  const outcomes = await boot().apply([add('c1', 'm1'), entry('c1', 'm2', { type: 'AddQuietly', by: 4 }), add('c1', 'm3')]);

  expect(outcomes.at(-1)).toEqual({ status: 'done', state: { total: 6 }, version: 2 });
  expect(documents.get('c1')).toMatchObject({ version: 2, rev: 1 });
  expect(log.ids()).toEqual(['c1:1', 'c1:2']);
});

test('what no offset stands behind is marked unsent, and the mark goes once the broker has acknowledged', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();
  log.away = true;
  await apply([add('c1', 'm1', 1, http), add('c1', 'm2', 1, http), add('c2', 'm3')]);

  expect(documents.get('c1')?.unsent).toBe(2);
  expect(documents.get('c2')?.unsent).toBeUndefined();

  log.away = false;
  await apply([add('c1', 'm1', 1, http)]);
  expect(documents.get('c1')?.unsent).toBeUndefined();
  expect(documents.get('c1')?.rev).toBe(1);
});

test('a later save that is backed keeps an older mark, since nobody else answers for it', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();
  log.away = true;

  await apply([add('c1', 'm1', 1, http)]);
  await apply([add('c1', 'm2')]);

  expect(documents.get('c1')).toMatchObject({ version: 2, unsent: 1 });
});

test('a mark goes only if nobody has saved a newer version meanwhile', async () => {
  const { documents, log, boot } = openWorld();
  const { apply, batcher } = boot();
  const other = boot();
  const release = log.hold();

  const slow = apply([add('c1', 'm1', 1, http)]);
  await expect.poll(() => batcher.waiting()).toBe(1);
  const quick = other.apply([add('c1', 'm2', 1, http)]);
  await expect.poll(() => other.batcher.waiting()).toBe(2);
  documents.clearsAway = true;
  release();
  await quick;
  documents.clearsAway = false;
  await slow;

  expect(documents.get('c1')).toMatchObject({ version: 2, unsent: 2 });
});

test('a mark that cannot be taken away stays and hurts nobody', async () => {
  const { documents, boot } = openWorld();
  documents.clearsAway = true;

  const outcomes = await boot().apply([add('c1', 'm1', 1, http)]);

  expect(statuses(outcomes)).toEqual(['done']);
  expect(documents.get('c1')?.unsent).toBe(1);
});

test('a refusal over HTTP stands in the document before anybody is told', async () => {
  const { documents, boot } = openWorld();

  const [outcome] = await boot().apply([entry('c1', 'm1', { type: 'AddWithin', by: 5, limit: 3 }, http)]);

  expect(outcome?.status).toBe('refused');
  expect(documents.get('c1')).toMatchObject({ rev: 1, version: 0, at: startAt, out: [] });
});

test('a scene whose facts stand on two topics is refused when it is built', () => {
  const [contract] = Object.values(counterScene.contracts).filter((one) => one !== 'private');
  const scene = { ...counterScene, contracts: { ...counterScene.contracts, noted: { ...contract!, topic: 'counters.other.v1' } } };

  expect(() => openWorld().boot(scene)).toThrow(/several topics/);
});
