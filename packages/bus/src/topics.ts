import { deadLetterTopic, type Topic, type TopicKind, topics } from '@scenefi/contracts';
import { type Clock, Outage, sleep } from '@scenefi/kernel';
import type { Admin, ITopicConfig } from 'kafkajs';

const dayMs = 24 * 60 * 60 * 1000;
const messageBytesMax = 2 * 1024 * 1024;

const thirtyDays = { 'retention.ms': String(30 * dayMs), 'cleanup.policy': 'delete' };

const settings: Record<TopicKind, Record<string, string>> = {
  facts: { 'retention.ms': '-1', 'cleanup.policy': 'delete' },
  notices: { ...thirtyDays, 'message.timestamp.type': 'LogAppendTime' },
  refusals: thirtyDays,
  table: { 'cleanup.policy': 'compact' },
  'dead-letters': thirtyDays,
};

export type TopicLayout = { namespace: string; partitions: number; replication: number };

const narrow: readonly TopicKind[] = ['table', 'refusals', 'dead-letters'];

const configOf = ({ name, kind }: Topic, { namespace, partitions, replication }: TopicLayout): ITopicConfig => ({
  topic: namespace + name,
  numPartitions: narrow.includes(kind) ? 1 : partitions,
  replicationFactor: replication,
  configEntries: Object.entries({ ...settings[kind], 'max.message.bytes': String(messageBytesMax) }).map(([entry, value]) => ({
    name: entry,
    value,
  })),
});

/** The dead-letter topics of a group that hears these topics. */
export const deadLettersOf = (heard: readonly string[], group: string): Topic[] =>
  heard.map((topic) => ({ name: deadLetterTopic(topic, group), kind: 'dead-letters' }));

/**
 * Creates what is missing of the catalogue and of `more`, waits until every partition has a leader,
 * and answers the number of partitions by topic (without the namespace). The number never changes afterwards.
 */
export const ensureTopics = async (
  admin: Admin,
  layout: TopicLayout,
  clock: Clock,
  more: readonly Topic[] = [],
): Promise<Map<string, number>> => {
  const wanted = [...topics, ...more];
  const names = wanted.map(({ name }) => layout.namespace + name);
  const present = new Set(await admin.listTopics());
  const missing = wanted.filter(({ name }) => !present.has(layout.namespace + name));
  if (missing.length > 0) {
    // Several services start at once: who comes second finds the topic there, which is as good.
    await admin.createTopics({ waitForLeaders: false, topics: missing.map((topic) => configOf(topic, layout)) }).catch((error: unknown) => {
      if (!/already exists/i.test(JSON.stringify(error) + String(error))) throw error;
    });
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const counts = await partitionCounts(admin, names, layout.namespace);
    if (counts) return counts;
    await sleep(clock, 100);
  }
  throw new Outage('the topics have no leaders after ten seconds');
};

/** Undefined while a topic or a leader is missing. */
const partitionCounts = async (admin: Admin, names: string[], namespace: string): Promise<Map<string, number> | undefined> => {
  const metadata = await admin.fetchTopicMetadata({ topics: names }).catch(() => undefined);
  if (!metadata) return undefined;
  const counts = new Map<string, number>();
  for (const { name, partitions } of metadata.topics) {
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0)) return undefined;
    counts.set(name.slice(namespace.length), partitions.length);
  }
  return counts.size === names.length ? counts : undefined;
};
