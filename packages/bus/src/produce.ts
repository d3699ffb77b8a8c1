import type { Unit } from '@scenefi/engine';
import { type Clock, type Logger, Outage } from '@scenefi/kernel';
import { type Kafka, type Message, Partitioners, type PartitionMetadata, type Producer, type TopicMessages } from 'kafkajs';
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

/**
 * Sends units with `acks=-1`, keyed, without Kafka's idempotence: kafkajs 2.2.4 loses acknowledged messages with it
 * when sends overlap and a response is lost. A producer whose send timed out or failed is replaced before the next one.
 */
export const createSender = ({ kafka, namespace, partitions, clock, logger, sendTimeoutMs, appended }: SenderParts) => {
  const partitioner = Partitioners.DefaultPartitioner();
  const metadata = new Map<string, PartitionMetadata[]>();
  let producer: Promise<Producer> | undefined;

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

  const replace = (failed: Promise<Producer>): void => {
    if (producer !== failed) return;
    producer = undefined;
    failed
      .then((old) => old.disconnect())
      .catch((error: unknown) => logger.debug('a failed producer did not close', { reason: String(error) }));
  };

  const partitionOf = (topic: string, key: string): number => {
    let known = metadata.get(topic);
    if (!known) {
      const count = partitions.get(topic);
      if (!count) throw new Error(`nobody created the topic ${topic}`);
      known = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 0, partitionErrorCode: 0, replicas: [], isr: [] }));
      metadata.set(topic, known);
    }
    return partitioner({ topic, partitionMetadata: known, message: { key, value: null } });
  };

  const topicMessages = (units: readonly Unit[]): TopicMessages[] =>
    [...Map.groupBy(units, ({ topic }) => topic)].map(([topic, own]) => ({
      topic: namespace + topic,
      messages: own.flatMap(({ key, events }) => {
        const partition = partitionOf(topic, key);
        return events.map((event): Message => ({ key, partition, ...encodeEvent(event) }));
      }),
    }));

  const withDeadline = <Value>(work: Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      const cancel = clock.after(sendTimeoutMs, () => reject(new Outage('the broker did not answer in time')));
      work.then(resolve, reject).finally(cancel);
    });

  const send = async (units: readonly Unit[]): Promise<void> => {
    producer ??= connect();
    const current = producer;
    const batch = topicMessages(units);
    try {
      const receipts = await withDeadline(
        current.then((ready) => ready.sendBatch({ acks: -1, timeout: sendTimeoutMs, topicMessages: batch })),
      );
      const stamp = Number(receipts[0]?.logAppendTime ?? -1);
      if (stamp > 0) appended?.(stamp);
    } catch (error) {
      replace(current);
      throw error instanceof Outage ? error : new Outage('the broker did not take the messages', { cause: error });
    }
  };

  const close = async (): Promise<void> => {
    const last = producer;
    producer = undefined;
    await last?.then((old) => old.disconnect()).catch(() => undefined);
  };

  return { send, partitionOf, close };
};
