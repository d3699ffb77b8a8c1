import { Kafka, logLevel } from 'kafkajs';
import { fetchLikeOurs, runLikeOurs } from './consuming.ts';
import { readOnOrders } from './timed-reading.ts';

const { KAFKA_BROKERS, NAMESPACE, TOPIC } = process.env;
const kafka = new Kafka({ clientId: 'bare', brokers: KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });

readOnOrders(async (group, came) => {
  const consumer = kafka.consumer({ groupId: NAMESPACE! + group, ...fetchLikeOurs });
  await consumer.connect();
  await consumer.subscribe({ topics: [NAMESPACE! + TOPIC!], fromBeginning: true });
  await consumer.run({
    ...runLikeOurs,
    eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, uncommittedOffsets }) => {
      came(batch.messages.length);
      resolveOffset(batch.lastOffset());
      await heartbeat();
      await commitOffsetsIfNecessary(uncommittedOffsets());
    },
  });
  return () => consumer.disconnect();
});
