import type { Message } from '@scenefi/engine';
import type { Clock, Logger, Random } from '@scenefi/kernel';
import type { Admin, Kafka } from 'kafkajs';
import { decodeMessage } from './codec.ts';

const freshMs = 30_000;

export type TableParts = {
  kafka: Kafka;
  admin: Admin;
  namespace: string;
  /** Compacted topics, one partition each. */
  topics: readonly string[];
  /** Folds one message; the same one may come again. */
  take: (message: Message) => void;
  clock: Clock;
  random: Random;
  logger: Logger;
  refreshMs: number;
  crashed: (error: Error) => void;
};

/**
 * Reads compacted topics whole into memory, in a group of its own that commits nothing, and goes on reading.
 * `fresh` is true once the ends seen at the start were passed, and stays so while they are seen again within 30 seconds.
 */
export const openTable = (parts: TableParts) => {
  const { kafka, admin, namespace, topics, take, clock, random, logger, refreshMs, crashed } = parts;
  const positions = new Map<string, number>();
  let confirmedAt: number | undefined;
  let stopped = false;
  let cancel: () => void = () => undefined;
  const groupId = `${namespace}table-${random.bytes(8).toString('hex')}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, retry: { retries: 1_000_000, maxRetryTime: 5_000 } });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) crashed(payload.error);
  });

  const confirm = async (): Promise<void> => {
    const askedAt = clock.now();
    try {
      const ends = await Promise.all(topics.map(async (topic) => ({ topic, offsets: await admin.fetchTopicOffsets(namespace + topic) })));
      const read = ends.every(({ topic, offsets }) =>
        offsets.every(({ high, low }) => Math.max(positions.get(topic) ?? 0, Number(low)) >= Number(high)),
      );
      if (read) confirmedAt = askedAt;
    } catch (error) {
      logger.warn('a table could not be confirmed', { topics, reason: error instanceof Error ? error.message : String(error) });
    }
    if (!stopped) cancel = clock.after(confirmedAt === undefined ? Math.min(200, refreshMs) : refreshMs, () => void confirm());
  };

  return {
    start: async (): Promise<void> => {
      await consumer.connect();
      await consumer.subscribe({ topics: topics.map((topic) => namespace + topic), fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          const topic = batch.topic.slice(namespace.length);
          for (const record of batch.messages) take(decodeMessage(record, { topic, partition: batch.partition }));
          positions.set(topic, Math.max(positions.get(topic) ?? 0, Number(batch.lastOffset()) + 1));
        },
      });
      await confirm();
    },
    stop: async (): Promise<void> => {
      stopped = true;
      cancel();
      await consumer.disconnect();
    },
    fresh: (): boolean => confirmedAt !== undefined && clock.now() - confirmedAt < freshMs,
  };
};
