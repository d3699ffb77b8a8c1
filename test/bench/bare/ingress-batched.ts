import type { Message } from 'kafkajs';
import { connectProducer } from './kafka-producer.ts';
import { serveSignedPosts } from './signed-posts.ts';

const messagesMax = 500;
const bytesMax = 512 * 1024;

type Waiting = { message: Message & { value: Buffer }; resolve: () => void; reject: (error: unknown) => void };

/** The headers that ours writes as well, so that the records are equal; else a record is its key and its body. */
const envelopeOf = (id: string, key: string): Record<string, string> => ({
  ce_specversion: '1.0',
  'content-type': 'application/json',
  ce_id: id,
  ce_source: '/scenefi/ingress',
  ce_type: 'cn.scenefi.campus.notice.received.v1',
  ce_time: new Date().toISOString(),
  ce_subject: key,
  ce_correlationid: id,
  ce_partnerid: 'xinghe-primary',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ce_dataclassification: 'C2',
});
const withEnvelope = process.env.ENVELOPE === 'cloudevents';

const { producer, topic } = await connectProducer();
let queue: Waiting[] = [];
let flushing = false;

const nextBatch = (): Waiting[] => {
  let bytes = 0;
  let count = 0;
  while (count < queue.length && count < messagesMax && bytes < bytesMax) {
    bytes += queue[count]!.message.value.length;
    count += 1;
  }
  const batch = queue.slice(0, count);
  queue = queue.slice(count);
  return batch;
};

const flush = async (): Promise<void> => {
  while (queue.length > 0) {
    const batch = nextBatch();
    try {
      await producer.send({ topic, acks: -1, messages: batch.map(({ message }) => message) });
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
  flushing = false;
};

await serveSignedPosts(
  (key, value, id) =>
    new Promise<void>((resolve, reject) => {
      const message = withEnvelope ? { key, value, headers: envelopeOf(id, key) } : { key, value };
      queue.push({ message, resolve, reject });
      if (flushing) return;
      flushing = true;
      void Promise.resolve().then(flush);
    }),
  () => producer.disconnect(),
);
