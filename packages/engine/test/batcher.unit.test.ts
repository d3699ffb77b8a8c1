import { setImmediate as idle } from 'node:timers/promises';
import { Outage } from '@scenefi/kernel';
import { keptMeter } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { batchLimits, createBatcher } from '../src/batcher.ts';
import type { Unit } from '../src/ports.ts';
import { memoryLog } from './memory-log.ts';

const unit = (key: string, events = 1, value: string | null = '{}'): Unit => ({
  topic: 'counters.counter.v1',
  key,
  events: Array.from({ length: events }, (_, index) => {
    return { id: `${key}:${index + 1}`, source: '/scenefi/counters', type: 'cn.scenefi.test.v1', time: '2026-01-02T03:04:05.000Z', value };
  }),
});

const open = () => {
  const log = memoryLog();
  return { log, batcher: createBatcher({ log, meter: keptMeter() }) };
};

/** Starts a produce that does not end, so that what is published now waits for the next batch. */
const busy = async () => {
  const { log, batcher } = open();
  const release = log.hold();
  const first = batcher.publish(unit('first'));
  await expect.poll(() => log.produces.length).toBe(1);
  return { log, batcher, first, release };
};

test('callers of one moment share one produce', async () => {
  const { log, batcher } = open();

  await Promise.all([batcher.publish(unit('a1')), batcher.publish(unit('a2')), batcher.publish(unit('a3'))]);

  expect(log.produces).toEqual([['a1', 'a2', 'a3']]);
});

test('at most one produce is on its way, and what arrives meanwhile is the next batch', async () => {
  const { log, batcher, first, release } = await busy();

  const rest = Promise.all([batcher.publish(unit('a1')), batcher.publish(unit('a2'))]);
  await idle();
  expect(log.produces).toEqual([['first']]);
  release();
  await Promise.all([first, rest]);

  expect(log.produces).toEqual([['first'], ['a1', 'a2']]);
});

test('nobody is answered before the broker has acknowledged', async () => {
  const { log, batcher, first, release } = await busy();
  let answered = false;
  void first.then(() => {
    answered = true;
  });
  expect(await Promise.race([first, Promise.resolve('still waiting')])).toBe('still waiting');
  expect(answered).toBe(false);

  release();
  await first;
  expect(log.ids()).toEqual(['first:1']);
  expect(batcher.waiting()).toBe(0);
});

test('a batch ends before the unit that would take it past 500 events, and no unit is split', async () => {
  const { log, batcher, first, release } = await busy();
  const sizes = [200, 299, 2, 499];

  const rest = Promise.all(sizes.map((size) => batcher.publish(unit(`s${size}`, size))));
  release();
  await Promise.all([first, rest]);

  expect(log.produces.slice(1)).toEqual([['s200', 's299'], ['s2'], ['s499']]);
});

test('a unit larger than a batch goes alone and whole', async () => {
  const { log, batcher, first, release } = await busy();

  const rest = Promise.all([batcher.publish(unit('large', batchLimits.events + 200)), batcher.publish(unit('small'))]);
  release();
  await Promise.all([first, rest]);

  expect(log.produces.slice(1)).toEqual([['large'], ['small']]);
  expect(log.ids()).toHaveLength(1 + 700 + 1);
});

test('a batch is limited in UTF-8 bytes, not in characters', async () => {
  const { log, batcher, first, release } = await busy();
  const third = '学'.repeat(batchLimits.bytes / 9);

  const rest = Promise.all(['u1', 'u2', 'u3'].map((key) => batcher.publish(unit(key, 1, third))));
  release();
  await Promise.all([first, rest]);

  expect(log.produces.slice(1)).toEqual([['u1', 'u2'], ['u3']]);
});

test('after a failed produce each partition is tried alone, so a sick one fails only its own callers', async () => {
  const { log, batcher } = open();
  log.sick.add(1);

  const ends = await Promise.allSettled([batcher.publish(unit('a1')), batcher.publish(unit('b2')), batcher.publish(unit('c2'))]);

  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(ends[0]).toMatchObject({ reason: expect.any(Outage) });
  expect(log.produces).toEqual([['a1', 'b2', 'c2'], ['a1'], ['b2', 'c2']]);
  expect(batcher.waiting()).toBe(0);
});

test('a healthy partition does not wait for the second try of a sick one', async () => {
  const { log, batcher } = open();
  const sickTry = Promise.withResolvers<void>();
  let produces = 0;
  const appended = log.send;
  log.send = async (units) => {
    produces += 1;
    if (produces === 1) throw new Outage('a partition has no leader');
    if (units[0]?.key === 'a1') await sickTry.promise;
    return appended(units);
  };

  const slow = batcher.publish(unit('a1'));
  await batcher.publish(unit('b2'));
  expect(log.ids()).toEqual(['b2:1']);
  sickTry.resolve();
  await slow;
});

test('a lost answer is tried once more, which costs a repeat and no failure', async () => {
  const { log, batcher } = open();
  log.answersLost = 1;

  await batcher.publish(unit('a1', 2));

  expect(log.ids()).toEqual(['a1:1', 'a1:2', 'a1:1', 'a1:2']);
});

test('whatever a produce throws is an outage to its callers, and the next produce goes on', async () => {
  const { log, batcher } = open();
  const send = log.send;
  log.send = async () => {
    throw new TypeError('a bug in the client');
  };

  await expect(batcher.publish(unit('a1'))).rejects.toThrow(Outage);
  log.send = send;
  await batcher.publish(unit('a1'));
  expect(log.ids()).toEqual(['a1:1']);
});

test('a unit for a topic that nobody created fails alone, and the batcher lives on', async () => {
  const { log, batcher } = open();
  const partitionOf = log.partitionOf;
  log.partitionOf = (topic, key) => {
    if (topic === 'nobodys.topic.v1') throw new Error('nobody created the topic');
    return partitionOf(topic, key);
  };
  log.answersLost = 1;

  const ends = await Promise.allSettled([
    batcher.publish(unit('a1')),
    batcher.publish({ ...unit('b2'), topic: 'nobodys.topic.v1' }),
    batcher.publish(unit('c3')),
  ]);

  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await batcher.drained();
});

test('a queue that is full in events rejects at once and takes again once it has room', async () => {
  const { batcher, first, release } = await busy();
  const filling = batcher.publish(unit('large', batchLimits.waitingEvents));

  await expect(batcher.publish(unit('a1'))).rejects.toThrow('too much waits');
  release();
  await Promise.all([first, filling]);
  await batcher.publish(unit('a1'));
});

test('a queue that is full in bytes rejects at once', async () => {
  const { batcher, first, release } = await busy();
  const filling = batcher.publish(unit('large', 1, 'x'.repeat(batchLimits.waitingBytes)));

  await expect(batcher.publish(unit('a1'))).rejects.toThrow('too much waits');
  release();
  await Promise.all([first, filling]);
});

test('drained means that nothing waits and nothing is on its way', async () => {
  const { log, batcher, release } = await busy();
  const rest = batcher.publish(unit('a1'));
  const drained = batcher.drained();
  expect(await Promise.race([drained, Promise.resolve('still busy')])).toBe('still busy');

  release();
  await drained;
  expect(log.ids()).toEqual(['first:1', 'a1:1']);
  await rest;
});
