import { readOnOrders } from './bare/timed-reading.ts';
import { openBus } from './bus.ts';

const { KAFKA_BROKERS, NAMESPACE, TOPIC, TOPIC_PARTITIONS } = process.env;
const bus = await openBus(KAFKA_BROKERS!, NAMESPACE!, Number(TOPIC_PARTITIONS));

/** What every service hears by, except that nothing becomes of a message. */
readOnOrders(async (group, came) => {
  const settle = async (messages: readonly object[]): Promise<void> => came(messages.length);
  await bus.consume({ group, topics: [TOPIC!], settle, partitionsConcurrently: 4 });
  return bus.stopConsuming;
});
