import type { Unit } from '@scenefi/engine';
import { type Clock, type Logger, Outage, withDeadline } from '@scenefi/kernel';
import { type Kafka, type Message, Partitioners, type Producer, type RecordMetadata, type TopicMessages } from 'kafkajs';
import { encodeEvent } from './codec.ts';

export type SenderParts = {
  kafka: Kafka;
  namespace: string;
  /** Topic → number of partitions. */
  partitions: ReadonlyMap<string, number>;
  clock: Clock;
  logger: Logger;
  /** After so long a produce is an Outage whose outcome nobody knows. */
  sendTimeoutMs: number;
  /** Told the broker's time of appending, where the topic stamps it. */
  appended?: (brokerMs: number) => void;
};

/** One producer, and how many sends are on their way over it. */
type Connection = { producer: Promise<Producer>; sends: number; failed: boolean };

const multiplier = 0x5bd1e995;

/** Kafka's own hash of keys, as the Java client and kafkajs compute it; that of kafkajs stands on BigInt and takes thirty times longer. */
const murmur2 = (bytes: Buffer): number => {
  const whole = bytes.length & ~3;
  let hash = 0x9747b28c ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const mixed = Math.imul(bytes.readInt32LE(at), multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(mixed ^ (mixed >>> 24), multiplier);
  }
  if (whole < bytes.length) hash = Math.imul(hash ^ bytes.readUIntLE(whole, bytes.length - whole), multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
};

/**
 * Whether every partition answered. kafkajs 2.2.4 repeats a failed send only at brokers that have not answered yet: a partition whose
 * leader meanwhile moved to one that has is never sent, and the send resolves all the same.
 */
const isTaken = (batch: readonly TopicMessages[], receipts: readonly RecordMetadata[]): boolean => {
  const taken = new Set(receipts.map(({ topicName, partition }) => `${topicName}|${partition}`));
  return batch.every(({ topic, messages }) => messages.every(({ partition }) => taken.has(`${topic}|${partition}`)));
};

/**
 * Sends units with `acks=-1`, keyed, without Kafka's idempotence: kafkajs 2.2.4 loses acknowledged messages with it
 * when sends overlap and a response is lost. A producer whose send timed out or failed is replaced before the next one.
 */
export const createSender = ({ kafka, namespace, partitions, clock, logger, sendTimeoutMs, appended }: SenderParts) => {
  let connection: Connection | undefined;

  const connect = async (): Promise<Producer> => {
    const fresh = kafka.producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    await fresh.connect();
    return fresh;
  };

  /** A failed producer is closed only when nothing is on its way over it any more: to close it fails every other send. */
  const leave = (left: Connection): void => {
    left.sends -= 1;
    if (!left.failed || left.sends > 0) return;
    left.producer
      .then((old) => old.disconnect())
      .catch((error: unknown) => logger.debug('a failed producer did not close', { reason: String(error) }));
  };

  const partitionOf = (topic: string, key: string): number => {
    const count = partitions.get(topic);
    if (!count) throw new Error(`nobody created the topic ${topic}`);
    return (murmur2(Buffer.from(key)) & 0x7fffffff) % count;
  };

  const topicMessages = (units: readonly Unit[]): TopicMessages[] =>
    [...Map.groupBy(units, ({ topic }) => topic)].map(([topic, own]) => ({
      topic: namespace + topic,
      messages: own.flatMap(({ key, events }) => {
        const partition = partitionOf(topic, key);
        return events.map((event): Message => ({ key, partition, ...encodeEvent(event) }));
      }),
    }));

  const deadline = { clock, ms: sendTimeoutMs, late: () => new Outage('the broker did not answer in time') };

  const send = async (units: readonly Unit[]): Promise<void> => {
    const batch = topicMessages(units);
    connection ??= { producer: connect(), sends: 0, failed: false };
    const current = connection;
    current.sends += 1;
    try {
      const receipts = await withDeadline(
        current.producer.then((ready) => ready.sendBatch({ acks: -1, timeout: sendTimeoutMs, topicMessages: batch })),
        deadline,
      );
      if (!isTaken(batch, receipts)) throw new Outage('the broker did not take every message');
      const stamp = Number(receipts[0]?.logAppendTime ?? -1);
      if (stamp > 0) appended?.(stamp);
    } catch (error) {
      current.failed = true;
      if (connection === current) connection = undefined;
      throw error instanceof Outage ? error : new Outage('the broker did not take the messages', { cause: error });
    } finally {
      leave(current);
    }
  };

  const close = async (): Promise<void> => {
    const last = connection;
    connection = undefined;
    await last?.producer.then((old) => old.disconnect()).catch(() => undefined);
  };

  return { send, partitionOf, close };
};
