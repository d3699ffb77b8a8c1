import { BillClosedNotice, PartnerDescribed } from '@scenefi/contracts';
import { Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { createJudge } from '../src/judge.ts';
import { on } from '../src/subscription.ts';
import { fact, faulty, notice, openService } from './counting-service.ts';
import { totalOf } from './world.ts';

const described = (offset: number, name = 'counts') =>
  fact(PartnerDescribed, offset, { partnerId: 'school', revision: 1, name, scenes: [] });

test('a slice is settled with one load, one save and one produce', async () => {
  const { documents, log, ends, boot } = openService();

  await boot().settle([notice(1, 'c1'), notice(2, 'c2'), notice(3, 'c1')]);

  expect(documents.loads).toEqual([['c1', 'c2']]);
  expect(documents.saves).toHaveLength(1);
  expect(log.produces).toHaveLength(1);
  expect(ends).toEqual(['1 done', '2 done', '3 done']);
});

test('the same slice again, by a process that knows nothing, has no second effect', async () => {
  const { documents, boot } = openService();

  await boot().settle([notice(1, 'c1'), notice(2, 'c1')]);
  await boot().settle([notice(1, 'c1'), notice(2, 'c1')]);

  expect(totalOf(documents.get('c1'))).toBe(2);
});

test('facts that follow from a message carry where it came from', async () => {
  const { log, boot } = openService();
  const message = described(4);
  message.event!.correlationId = 'the-very-first';
  message.event!.traceparent = '00-abc-def-01';

  await boot().settle([notice(1, 'c1'), message]);

  const causes = log.records.map(({ correlationId, causationId, traceparent }) => ({ correlationId, causationId, traceparent }));
  expect(causes).toEqual([
    { correlationId: 'school:n1', causationId: 'school:n1', traceparent: undefined },
    { correlationId: 'the-very-first', causationId: 'f4:1', traceparent: '00-abc-def-01' },
  ]);
});

test('every message of a mixed slice has its own end', async () => {
  const { backlog, ends, boot } = openService();

  await boot().settle([notice(1, 'c1'), faulty(2), notice(3, 'c3', 'refused'), notice(4, 'c4', 'bug'), notice(5, 'c5', 'waits')]);

  expect(ends).toEqual(['1 done', '2 dead', '3 dead', '4 parked', '5 parked']);
  expect([...backlog.letters.values()].map(({ code }) => code)).toEqual(['BUS_NOT_CLOUDEVENT', 'COUNTER_TOO_MUCH']);
  expect([...backlog.parkedMessages.values()].map(({ code }) => code)).toEqual(['ENGINE_UNEXPECTED', 'COUNTER_NOT_YET']);
});

test('one message for two aggregates ends as its worse one', async () => {
  const { documents, ends, boot } = openService();

  await boot().settle([notice(1, 'c1+c2', 'counts+bug'), notice(2, 'c3+c4', 'refused+counts')]);

  expect(ends).toEqual(['1 parked', '2 dead']);
  expect(totalOf(documents.get('c1'))).toBe(1);
});

test('several commands of one message for the same aggregate are all done, and once', async () => {
  const { documents, boot } = openService();

  await boot().settle([notice(1, 'c1+c1')]);
  await boot().settle([notice(1, 'c1+c1')]);

  expect(totalOf(documents.get('c1'))).toBe(2);
});

test('what nobody here wants is done without a trace', async () => {
  const { documents, ends, boot } = openService();
  const unwanted = notice(1, 'c1', '', { value: Buffer.from('{"type":"campus.bill.amended","timestamp":"x","data":{}}') });

  await boot().settle([unwanted]);

  expect(ends).toEqual(['1 done']);
  expect(documents.loads).toEqual([[]].slice(1));
});

test.each(['away', 'half', 'answer-lost'] as const)('a save that is %s ends nothing: no dead letter, nothing parked', async (fault) => {
  const { documents, backlog, ends, boot } = openService();
  const { settle } = boot();
  const slice = [notice(1, 'c1'), notice(2, 'c2', 'refused'), notice(3, 'c3', 'bug'), notice(4, 'c4')];
  documents.saveFaults = [fault];

  await expect(settle(slice)).rejects.toThrow(Outage);
  expect([ends, backlog.letters.size, backlog.parkedMessages.size]).toEqual([[], 0, 0]);

  await settle(slice);
  expect(ends).toEqual(['1 done', '2 dead', '3 parked', '4 done']);
  expect(['c1', 'c4'].map((id) => totalOf(documents.get(id)))).toEqual([1, 1]);
});

test('a broker that is away ends nothing, not even what was refused', async () => {
  const { log, backlog, ends, boot } = openService();
  const { settle } = boot();
  log.away = true;

  await expect(settle([notice(1, 'c1'), notice(2, 'c2', 'refused')])).rejects.toThrow(Outage);
  expect([ends, backlog.letters.size]).toEqual([[], 0]);

  log.away = false;
  await settle([notice(1, 'c1'), notice(2, 'c2', 'refused')]);
  expect(ends).toEqual(['1 done', '2 dead']);
});

test('a backlog that is away ends nothing', async () => {
  const { backlog, ends, boot } = openService();
  backlog.away = true;

  await expect(boot().settle([notice(1, 'c1')])).rejects.toThrow(Outage);
  expect(ends).toEqual([]);
});

test('twenty bugs in a row pause the partition instead of parking its messages', async () => {
  const { backlog, ends, cure, boot } = openService();
  const { settle } = boot();
  const slice = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => notice(from + index, `k${from + index}`, 'cured'));

  await settle(slice(0, 19));
  expect(backlog.parkedMessages.size).toBe(19);
  await expect(settle(slice(19, 3))).rejects.toThrow(/20 messages in a row/);
  expect(ends).toHaveLength(19);

  cure.done = true;
  await settle(slice(19, 3));
  expect(ends.slice(19)).toEqual(['19 done', '20 done', '21 done']);
});

test('a message that succeeds between them, or another partition, starts the count anew', async () => {
  const { backlog, boot } = openService();
  const { settle } = boot();
  const bugs = (from: number, partition: number) =>
    Array.from({ length: 15 }, (_, index) => notice(from + index, `p${partition}k${from + index}`, 'bug', { partition }));

  await settle([...bugs(0, 0), notice(15, 'fine', 'counts', { partition: 0 })]);
  await settle(bugs(16, 0));
  await settle(bugs(0, 1));

  expect(backlog.parkedMessages.size).toBe(45);
});

test('what waits for something outside never counts as a bug', async () => {
  const { backlog, boot } = openService();

  await boot().settle(Array.from({ length: 30 }, (_, offset) => notice(offset, `k${offset}`, 'waits')));

  expect(backlog.parkedMessages.size).toBe(30);
});

test('two subscriptions to one kind of message both hear it, each under its own id', async () => {
  const { documents, boot } = openService();
  const { counter } = boot();
  const subscription = on(BillClosedNotice, counter, ({ data }) => ({ id: data.billNo, command: { type: 'Add' as const, by: 1 } }));
  const { judge } = createJudge([subscription, { ...subscription }]);

  const [verdict] = await judge([notice(1, 'c1')], { backed: true });

  expect(verdict).toEqual({ end: { end: 'done' }, aggregateIds: ['c1', 'c1'] });
  expect(totalOf(documents.get('c1'))).toBe(2);
});
