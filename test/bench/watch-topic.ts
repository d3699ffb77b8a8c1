import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

export type SeenRecord = { value: Buffer; timestampMs: number };

/** Tells every record that comes to a topic from now on; resolves once it listens. */
export const watchTopic = async (brokers: string, topic: string, take: (record: SeenRecord) => void): Promise<void> => {
  const kafka = new Kafka({ clientId: 'bench-watch', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const groupId = `bench-watch-${randomBytes(6).toString('hex')}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 512 * 1024 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: false });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { value, timestamp } of batch.messages) if (value) take({ value, timestampMs: Number(timestamp) });
    },
  });
  await joined;
};
