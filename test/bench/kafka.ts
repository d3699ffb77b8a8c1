import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

/** What a bench asks the broker itself, without our bus. */
export const openAdmin = async (brokers: string) => {
  const admin = new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();

  const ends = async (topic: string): Promise<Map<number, number>> =>
    new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));

  const hasLeaders = async (topic: string, numPartitions: number): Promise<boolean> => {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined);
    const partitions = metadata?.topics[0]?.partitions ?? [];
    return partitions.length === numPartitions && partitions.every(({ leader }) => leader >= 0);
  };

  return {
    createTopic: async (topic: string, numPartitions: number): Promise<void> => {
      const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries }] });
      // A busy broker does not know its new topic at once, which kafkajs takes for an error.
      while (!(await hasLeaders(topic, numPartitions))) await sleep(100);
    },
    /** How many records a topic has taken so far. */
    count: async (topic: string): Promise<number> => [...(await ends(topic)).values()].reduce((sum, end) => sum + end, 0),
    /** How many records of a topic a group has not yet committed. */
    lag: async (groupId: string, topic: string): Promise<number> => {
      const [high, [committed]] = await Promise.all([ends(topic), admin.fetchOffsets({ groupId, topics: [topic] })]);
      return (committed?.partitions ?? []).reduce(
        (sum, { partition, offset }) => sum + (high.get(partition) ?? 0) - Math.max(0, Number(offset)),
        0,
      );
    },
    close: () => admin.disconnect(),
  };
};

export type BenchAdmin = Awaited<ReturnType<typeof openAdmin>>;
