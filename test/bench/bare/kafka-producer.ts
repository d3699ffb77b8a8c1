import { Kafka, logLevel, Partitioners } from 'kafkajs';

/** A connected kafkajs producer and the topic to write to, from the environment. */
export const connectProducer = async () => {
  const kafka = new Kafka({ clientId: 'bare', brokers: process.env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return { producer, topic: process.env.TOPIC! };
};
