import { randomBytes } from 'node:crypto';
import { type Admin, type EachBatchPayload, type IHeaders, Kafka, logLevel } from 'kafkajs';
import { type Evidence, type RawRecord, readers, type TopicRole, topicNames } from './evidence.ts';

export type RawTopics = Pick<Evidence, 'topics' | 'lags'>;

type Range = { topic: string; partition: number; high: bigint };

const silenceMaxMs = 60_000;
const roles = Object.entries(topicNames) as [TopicRole, string][];

const textOf = (headers: IHeaders = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join('\n')]));

const partitionKey = (topic: string, partition: number): string => `${topic}|${partition}`;

/** The partitions that hold anything, with the end to read up to. */
const rangesOf = async (admin: Admin, topics: readonly string[]): Promise<Range[]> => {
  const ranges: Range[] = [];
  for (const topic of topics)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (BigInt(high) > BigInt(low)) ranges.push({ topic, partition, high: BigInt(high) });
  return ranges;
};

/** Reads the partitions up to their ends as a group of its own that commits nothing. Rejects after a minute of silence. */
const readRanges = async (kafka: Kafka, ranges: readonly Range[]): Promise<Map<string, RawRecord[]>> => {
  const records = new Map<string, RawRecord[]>(ranges.map(({ topic }) => [topic, []]));
  if (ranges.length === 0) return records;
  const open = new Map(ranges.map(({ topic, partition, high }) => [partitionKey(topic, partition), high]));
  const consumer = kafka.consumer({ groupId: `audit-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...records.keys()], fromBeginning: true });
  let heardAt = Date.now();
  try {
    await new Promise<void>((resolve, reject) => {
      const watch = setInterval(() => {
        if (Date.now() - heardAt > silenceMaxMs) finish(new Error(`the broker gives no more of ${[...open.keys()].join(', ')}`));
      }, 1_000);
      const finish = (error?: Error): void => {
        clearInterval(watch);
        if (error) reject(error);
        else resolve();
      };
      const take = async ({ batch: { topic, partition, messages } }: EachBatchPayload): Promise<void> => {
        heardAt = Date.now();
        const high = open.get(partitionKey(topic, partition));
        if (high === undefined) return;
        for (const { offset, key, value, headers } of messages)
          if (BigInt(offset) < high)
            records.get(topic)!.push({ partition, offset, key: key?.toString() ?? '', value, headers: textOf(headers) });
        const last = messages.at(-1);
        if (last && BigInt(last.offset) >= high - 1n) open.delete(partitionKey(topic, partition));
        if (open.size === 0) finish();
      };
      consumer.run({ autoCommit: false, eachBatch: take }).catch(finish);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
};

/** How far each service's group is behind the ends of what it reads. */
const lagsOf = async (admin: Admin, ranges: readonly Range[], namespace: string): Promise<RawTopics['lags']> => {
  const lags: RawTopics['lags'] = [];
  for (const { group, topic } of readers) {
    const own = ranges.filter((range) => range.topic === namespace + topic);
    if (own.length === 0) continue;
    const [fetched] = await admin.fetchOffsets({ groupId: namespace + group, topics: [namespace + topic] });
    const committed = new Map(fetched?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    const behind = own.reduce((sum, { partition, high }) => {
      const at = committed.get(partition) ?? -1n;
      return sum + Number(high - (at < 0n ? 0n : at));
    }, 0);
    lags.push({ group, topic, behind });
  }
  return lags;
};

/** Reads the topics whole, headers included, with the bare driver. */
export const readTopics = async (brokers: string, namespace: string): Promise<RawTopics> => {
  const kafka = new Kafka({ clientId: 'audit', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const present = new Set(await admin.listTopics());
    const ranges = await rangesOf(
      admin,
      roles.map(([, name]) => namespace + name).filter((name) => present.has(name)),
    );
    const records = await readRanges(kafka, ranges);
    const inOrder = (name: string): RawRecord[] =>
      (records.get(namespace + name) ?? []).sort(
        (left, right) => left.partition - right.partition || Number(BigInt(left.offset) - BigInt(right.offset)),
      );
    const topics = Object.fromEntries(roles.map(([role, name]) => [role, inOrder(name)])) as Record<TopicRole, RawRecord[]>;
    return { topics, lags: await lagsOf(admin, ranges, namespace) };
  } finally {
    await admin.disconnect();
  }
};
