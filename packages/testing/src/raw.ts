import { randomBytes } from 'node:crypto';
import { type Batch, Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { engineAddresses } from './namespace.ts';

type Headers = Record<string, string>;
export type RawRecord = { partition: number; offset: number; key: string; value: string | null; headers: Headers };

export type RawBus = {
  send(topic: string, record: { key: string; value: string | Buffer | null; headers?: Headers; partition?: number }): Promise<void>;
  /** Everything on a topic up to its present end. */
  read(topic: string): Promise<RawRecord[]>;
  close(): Promise<void>;
};

/** Kafka without our bus: what a stranger would see and send. */
export const rawBus = async (prefix: string, brokers = engineAddresses().kafkaBrokers): Promise<RawBus> => {
  const kafka = new Kafka({ clientId: 'raw', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);

  const read = async (topic: string): Promise<RawRecord[]> => {
    const ends = (await admin.fetchTopicOffsets(prefix + topic)).filter(({ high, low }) => Number(high) > Number(low));
    if (ends.length === 0) return [];
    const open = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
    const records: RawRecord[] = [];
    const consumer = kafka.consumer({ groupId: `${prefix}raw-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic: prefix + topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachBatch = async ({ batch }: { batch: Batch }): Promise<void> => {
        for (const { key, value, offset, headers = {} } of batch.messages) {
          const texts = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, String(header)]));
          const text = value === null ? null : value.toString();
          records.push({ partition: batch.partition, offset: Number(offset), key: String(key), value: text, headers: texts });
        }
        if (Number(batch.lastOffset()) + 1 >= (open.get(batch.partition) ?? 0)) open.delete(batch.partition);
        if (open.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    await consumer.disconnect();
    return records.sort((left, right) => left.partition - right.partition || left.offset - right.offset);
  };

  return {
    send: async (topic, record) => {
      await producer.send({ topic: prefix + topic, acks: -1, messages: [record] });
    },
    read,
    close: async () => {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  };
};

/** A service's database without our store. */
export const rawDatabase = async (prefix: string, service: string, url = engineAddresses().mongoUrl) => {
  const connection = await mongoose.createConnection(url).asPromise();
  const db = connection.getClient().db(`${prefix.replaceAll('.', '-')}${service}`);
  return { db, close: () => connection.close() };
};
