import { Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { notice, openService } from './counting-service.ts';
import { startAt, totalOf } from './world.ts';

const key = 'campus.notice.v1|c1';

test('a message that fails is parked with its reason and the aggregates it maps to', async () => {
  const { backlog, logger, boot } = openService();

  await boot().settle([notice(7, 'c1', 'bug')]);

  expect([...backlog.parkedMessages.values()]).toMatchObject([
    {
      _id: 'campus.notice.v1|1|7',
      key,
      code: 'ENGINE_UNEXPECTED',
      reason: 'A bug or an outside fault; the message waits and is tried again TypeError: a bug in decide',
      since: startAt,
      aggregateIds: ['c1'],
      message: { offset: 7 },
    },
  ]);
  expect(backlog.parkedHeads.get(key)).toEqual({
    _id: key,
    rev: 1,
    tail: 7,
    topic: 'campus.notice.v1',
    partition: 1,
    retryAt: startAt,
    tries: 0,
  });
  expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', sentence: 'message parked', fields: { messageId: 'school:n7' } });
});

test('later messages of the same key are parked behind it, in this slice and in the next; other keys pass', async () => {
  const { documents, backlog, ends, boot } = openService();
  const { settle } = boot();

  await settle([notice(1, 'c1', 'bug'), notice(2, 'c1'), notice(3, 'c2')]);
  await settle([notice(4, 'c1'), notice(5, 'c2'), notice(6, 'c1')]);

  expect(ends).toEqual(['1 parked', '2 parked', '3 done', '5 done', '4 parked', '6 parked']);
  expect(backlog.parkedHeads.get(key)).toMatchObject({ rev: 4, tail: 6 });
  expect([...backlog.parkedMessages.values()].map(({ code }) => code)).toEqual([
    'ENGINE_UNEXPECTED',
    'ENGINE_WAITS',
    'ENGINE_WAITS',
    'ENGINE_WAITS',
  ]);
  expect(totalOf(documents.get('c1'))).toBe(0);
  expect(totalOf(documents.get('c2'))).toBe(2);
});

test('a message that waits behind a head still says which aggregates it is for', async () => {
  const { backlog, boot } = openService();
  const { settle } = boot();
  await settle([notice(1, 'c1', 'bug')]);

  await settle([notice(2, 'c8+c9', 'counts', { key: 'c1' }), notice(3, 'c9', 'unmappable', { key: 'c1' })]);

  expect([...backlog.parkedMessages.values()].map(({ aggregateIds }) => aggregateIds)).toEqual([['c1'], ['c8', 'c9'], null]);
});

test('a message that cannot be mapped is parked for no known aggregate, and what follows of its key waits', async () => {
  const { documents, backlog, ends, boot } = openService();

  await boot().settle([notice(1, 'c1', 'unmappable'), notice(2, 'c1'), notice(3, 'c2')]);

  expect(ends).toEqual(['1 parked', '2 parked', '3 done']);
  expect([...backlog.parkedMessages.values()].map(({ aggregateIds }) => aggregateIds)).toEqual([null, ['c1']]);
  expect(documents.get('c1')).toBeUndefined();
});

test('when another writer raises the head meanwhile nothing ends, and the slice comes again', async () => {
  const { backlog, ends, boot } = openService();
  const { settle } = boot();
  const head = { _id: key, rev: 1, tail: 3, topic: 'campus.notice.v1', partition: 1, retryAt: startAt, tries: 0 };
  backlog.meanwhile(() => backlog.parkedHeads.set(key, head));

  await expect(settle([notice(7, 'c1', 'bug')])).rejects.toThrow(Outage);
  expect(ends).toEqual([]);

  await settle([notice(7, 'c1', 'bug')]);
  expect(ends).toEqual(['7 parked']);
  expect(backlog.parkedHeads.get(key)).toMatchObject({ rev: 2, tail: 7 });
});

test('a slice that comes again after a crash parks nothing twice and never lowers the tail', async () => {
  const { backlog, boot } = openService();
  await boot().settle([notice(1, 'c1', 'bug'), notice(2, 'c1'), notice(3, 'c1')]);

  await boot().settle([notice(1, 'c1', 'bug'), notice(2, 'c1')]);

  expect(backlog.parkedMessages.size).toBe(3);
  expect(backlog.parkedHeads.get(key)).toMatchObject({ tail: 3 });
});
