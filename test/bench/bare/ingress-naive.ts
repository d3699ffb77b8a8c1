import { connectProducer } from './kafka-producer.ts';
import { serveSignedPosts } from './signed-posts.ts';

const { producer, topic } = await connectProducer();

await serveSignedPosts(
  async (key, value) => {
    await producer.send({ topic, acks: -1, messages: [{ key, value }] });
  },
  () => producer.disconnect(),
);
