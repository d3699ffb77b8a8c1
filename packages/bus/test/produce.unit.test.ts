import type { Unit } from '@scenefi/engine';
import { Outage } from '@scenefi/kernel';
import { keptLogger, testClock } from '@scenefi/testing/scenario';
import { type Kafka, Partitioners, type ProducerBatch } from 'kafkajs';
import { expect, test } from 'vitest';
import { createSender } from '../src/produce.ts';

const unit = (key: string, topic = 'campus.bill.v1'): Unit => ({
  topic,
  key,
  events: [1, 2].map((version) => {
    return { id: `${key}:${version}`, source: '/x', type: 't', time: '2026-01-02T03:04:05.000Z', value: `${version}` };
  }),
});

type Answer = { logAppendTime?: string }[];
type Receipt = { topicName: string; partition: number | undefined };

/** One receipt for every partition of a batch, as a broker gives them. */
const receiptsOf = ({ topicMessages = [] }: ProducerBatch): Receipt[] =>
  topicMessages.flatMap(({ topic, messages }) =>
    [...new Set(messages.map(({ partition }) => partition))].map((partition) => ({ topicName: topic, partition })),
  );

/** A broker whose answers a test gives one by one. */
const open = () => {
  const clock = testClock('2026-01-02T03:04:05.000Z');
  const sends: {
    producer: number;
    batch: ProducerBatch;
    resolve: (answer: Answer, receipts?: Receipt[]) => void;
    reject: (error: Error) => void;
  }[] = [];
  const closed: number[] = [];
  let producers = 0;
  const producer = () => {
    producers += 1;
    const own = producers;
    return {
      connect: async () => undefined,
      disconnect: async () => void closed.push(own),
      sendBatch: (batch: ProducerBatch) =>
        new Promise((taken, reject) => {
          const resolve = (answer: Answer, receipts = receiptsOf(batch)): void =>
            taken(receipts.map((receipt, index) => ({ ...receipt, ...answer[index] })));
          sends.push({ producer: own, batch, resolve, reject });
        }),
    };
  };
  const stamps: number[] = [];
  const sender = createSender({
    kafka: { producer } as unknown as Kafka,
    namespace: 't.',
    partitions: new Map([
      ['campus.bill.v1', 12],
      ['ledger.entry.v1', 5],
    ]),
    clock,
    logger: keptLogger(),
    sendTimeoutMs: 4_000,
    appended: (brokerMs) => void stamps.push(brokerMs),
  });
  const sent = (count: number) => expect.poll(() => sends.length).toBe(count);
  return { clock, sends, closed, sender, sent, stamps };
};

test('a produce waits for all replicas, and keeps the events of a key together and in order', async () => {
  const { sends, sender, sent, stamps } = open();
  const done = sender.send([unit('a'), unit('b'), unit('c', 'ledger.entry.v1')]);
  await sent(1);

  const { batch } = sends[0]!;
  expect(batch).toMatchObject({ acks: -1, timeout: 4_000 });
  expect(batch.topicMessages?.map(({ topic, messages }) => [topic, messages.map(({ headers }) => headers?.ce_id)])).toEqual([
    ['t.campus.bill.v1', ['a:1', 'a:2', 'b:1', 'b:2']],
    ['t.ledger.entry.v1', ['c:1', 'c:2']],
  ]);
  sends[0]!.resolve([{ logAppendTime: '1790000000000' }]);
  await done;
  expect(stamps).toEqual([1_790_000_000_000]);
});

test('a produce of which some partition was never taken is an outage, whatever the client says', async () => {
  const { sender, sends, sent } = open();
  const done = sender.send([unit('a'), unit('c', 'ledger.entry.v1')]);
  await sent(1);

  sends[0]!.resolve([{}], receiptsOf(sends[0]!.batch).slice(0, 1));

  await expect(done).rejects.toBeInstanceOf(Outage);
});

test('a key stands on the partition on which every other client of Kafka would put it', () => {
  const { sender } = open();
  const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => {
    return { partitionId, leader: 0, partitionErrorCode: 0, replicas: [], isr: [] };
  });
  const theirs = Partitioners.DefaultPartitioner();
  const keys = [
    '',
    '学校',
    '𠮷',
    'bill_o5bgwzcufnmqwvi4pjswkicory',
    ...Array.from({ length: 300 }, (_, length) => 'k7é'.repeat(length).slice(0, length)),
  ];

  for (const key of keys) {
    const expected = theirs({ topic: 'x', partitionMetadata, message: { key, value: null } });
    expect(sender.partitionOf('campus.bill.v1', key), key).toBe(expected);
  }
});

test('a topic that nobody created is a bug of its caller and costs no producer', async () => {
  const { sender, sends, closed } = open();

  await expect(sender.send([unit('a', 'nobodys.topic.v1')])).rejects.toThrow('nobody created the topic nobodys.topic.v1');
  expect([sends.length, closed.length]).toEqual([0, 0]);
});

test('a produce without an answer is an outage after its time, and the next one goes over a new producer', async () => {
  const { clock, sends, closed, sender, sent } = open();
  const lost = sender.send([unit('a')]);
  await sent(1);
  const failed = expect(lost).rejects.toThrow(Outage);
  await clock.advance(4_000);
  await failed;

  const next = sender.send([unit('a')]);
  await sent(2);
  sends[1]!.resolve([]);
  await next;
  expect(sends.map(({ producer }) => producer)).toEqual([1, 2]);
  await expect.poll(() => closed).toEqual([1]);
});

test('whatever the client throws is an outage with its cause, and its producer is replaced', async () => {
  const { sends, closed, sender, sent } = open();
  const cause = new TypeError('a bug in the client');
  const lost = sender.send([unit('a')]);
  await sent(1);
  sends[0]!.reject(cause);

  await expect(lost).rejects.toMatchObject({ name: 'Outage', cause });
  await expect.poll(() => closed).toEqual([1]);
});

test('a send that fails does not cut off the others that are on their way', async () => {
  const { sends, closed, sender, sent } = open();
  const sick = sender.send([unit('a')]);
  const healthy = sender.send([unit('b')]);
  await sent(2);
  expect(sends.map(({ producer }) => producer)).toEqual([1, 1]);

  sends[0]!.reject(new Error('a partition has no leader'));
  await expect(sick).rejects.toThrow(Outage);
  expect(closed).toEqual([]);

  sends[1]!.resolve([]);
  await healthy;
  await expect.poll(() => closed).toEqual([1]);
});

test('closing closes the producer, once there is one', async () => {
  const { sends, closed, sender, sent } = open();
  await sender.close();
  const done = sender.send([unit('a')]);
  await sent(1);
  sends[0]!.resolve([]);
  await done;

  await sender.close();
  expect(closed).toEqual([1]);
});
