import { engineAddresses, namespace } from '@scenefi/testing/engines';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBus } from './open-bus.ts';

const prefix = namespace('topics');
const kafka = new Kafka({ brokers: engineAddresses().kafkaBrokers.split(','), logLevel: logLevel.NOTHING });
const admin = kafka.admin();
beforeAll(() => admin.connect());
afterAll(() => admin.disconnect());

const configOf = async (topic: string): Promise<Record<string, string>> => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: prefix + topic }],
  });
  return Object.fromEntries(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]));
};

const month = String(30 * 24 * 60 * 60 * 1000);

test('processes that start at the same time create every topic once, as its kind demands', async () => {
  const buses = await Promise.all([1, 2, 3].map(() => openBus(prefix)));
  const group = { topics: ['campus.bill.v1'], settle: async () => undefined, partitionsConcurrently: 1 };
  await Promise.all(buses.map(({ bus }) => bus.consume({ group: 'both', ...group })));

  const { topics } = await admin.fetchTopicMetadata();
  const own = topics
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, partitions }) => [name.slice(prefix.length), partitions.length]);
  expect(Object.fromEntries(own)).toEqual({
    'campus.notice.v1': 3,
    'campus.bill.v1': 3,
    'payments.payment.v1': 3,
    'ledger.entry.v1': 3,
    'profiles.customer.v1': 3,
    'notifier.delivery.v1': 3,
    'campus.refusal.v1': 1,
    'merchants.partner.v1': 1,
    'merchants.credential.v1': 1,
    'campus.bill.v1.both.dlq': 1,
  });

  expect(await configOf('campus.bill.v1')).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '-1' });
  expect(await configOf('campus.notice.v1')).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': month,
    'message.timestamp.type': 'LogAppendTime',
  });
  expect(await configOf('campus.refusal.v1')).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': month });
  expect(await configOf('merchants.credential.v1')).toMatchObject({ 'cleanup.policy': 'compact' });
  expect(await configOf('campus.bill.v1.both.dlq')).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': month });
  for (const [name] of own) expect(await configOf(String(name)), String(name)).toMatchObject({ 'max.message.bytes': '2097152' });

  await Promise.all(buses.map(({ bus }) => bus.stopConsuming().then(bus.close)));
});

test('a process that starts later finds its topics there, and leaves their number of partitions alone', async () => {
  const { bus } = await openBus(prefix, { partitions: 7 });

  const partitions = new Set(Array.from({ length: 200 }, (_, number) => bus.log.partitionOf('campus.bill.v1', `k${number}`)));
  expect([...partitions].sort()).toEqual([0, 1, 2]);

  await bus.close();
});
