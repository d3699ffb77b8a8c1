import { Kafka, type KafkaMessage, logLevel, type Message, Partitioners } from 'kafkajs';
import mongoose from 'mongoose';
import { fetchLikeOurs, runLikeOurs } from './consuming.ts';

type Document = mongoose.mongo.BSON.Document & { _id: string };
export type Rows = mongoose.mongo.Collection<Document>;

/** How many slices a stage has had since it was asked last, by the largest bucket that holds their size. */
export type StageReport = { slices: number; messages: number; buckets: Record<string, number> };

const sliceSize = 250;
const sizes = [1, 5, 10, 25, 50, 100, 250, 500];
const { ReadConcern, WriteConcern } = mongoose.mongo;
export const safety = { readConcern: new ReadConcern('majority'), writeConcern: new WriteConcern('majority', undefined, true) };

/** The database of the bare stages, with the guarantees that ours asks for. */
export const connectRows = async () => {
  const options = { maxPoolSize: 20, promoteBuffers: true, ignoreUndefined: true };
  const connection = await mongoose.createConnection(process.env.MONGO_URL!, options).asPromise();
  const client = connection.getClient();
  const rows = (name: string): Rows => client.db(process.env.DATABASE!, safety).collection<Document>(name, safety);
  /** The slice as one transaction, as ours writes it: what was not there is inserted, what was there replaced where nobody else did. */
  const writeAll = async (into: Rows, documents: readonly Document[]): Promise<void> => {
    if (documents.length === 0) return;
    const inserts = documents.filter(({ rev }) => rev === 1).map((document) => ({ insertOne: { document } }));
    const replaces = documents
      .filter(({ rev }) => rev > 1)
      .map((document) => ({ replaceOne: { filter: { _id: document._id, rev: document.rev - 1 }, replacement: document, upsert: true } }));
    const { insertedCount, matchedCount, upsertedCount } = await client.withSession((session) =>
      session.withTransaction(() => into.bulkWrite([...inserts, ...replaces] as never, { ordered: true, session }), safety),
    );
    if (insertedCount + matchedCount !== documents.length || upsertedCount > 0) throw new Error('a bare stage wrote something else');
  };
  return { client, rows, writeAll };
};

/** The two sparse indexes that ours keeps for every aggregate. */
export const indexLikeAggregates = async (rows: Rows): Promise<void> => {
  await rows.createIndex({ takes: 1, wakeAt: 1 }, { sparse: true });
  await rows.createIndex({ unsent: 1 }, { sparse: true });
};

export const findAll = async (rows: Rows, ids: readonly string[]): Promise<Map<string, Document>> =>
  new Map((await rows.find({ _id: { $in: [...ids] } }).toArray()).map((document) => [document._id, document]));

export const jsonOf = <Json>({ value }: KafkaMessage): Json => JSON.parse(value!.toString()) as Json;

/** One process, one group: slice by slice in order, answered facts are produced, then the offsets are committed. */
export const runStage = async (work: (slice: readonly KafkaMessage[], partition: number) => Promise<Message[]>): Promise<void> => {
  const { KAFKA_BROKERS, SOURCE, TARGET, GROUP } = process.env;
  const kafka = new Kafka({ clientId: 'bare', brokers: KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: GROUP!, ...fetchLikeOurs });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [SOURCE!], fromBeginning: true });
  let report: StageReport = { slices: 0, messages: 0, buckets: {} };
  const count = (size: number): void => {
    report.slices += 1;
    report.messages += size;
    const bucket = String(sizes.find((limit) => size <= limit));
    report.buckets[bucket] = (report.buckets[bucket] ?? 0) + 1;
  };
  process.on('message', () => {
    process.send!(report);
    report = { slices: 0, messages: 0, buckets: {} };
  });
  // A bench that was killed leaves nobody behind.
  process.once('disconnect', () => process.exit(1));
  process.once('SIGTERM', () => void Promise.all([consumer.disconnect(), producer.disconnect()]).then(() => process.exit(0)));
  // Once: a later rebalance would be taken for an answer.
  const untold = consumer.on(consumer.events.GROUP_JOIN, () => {
    untold();
    process.send!({ ready: true });
  });
  await consumer.run({
    ...runLikeOurs,
    eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, uncommittedOffsets }) => {
      for (let start = 0; start < batch.messages.length; start += sliceSize) {
        const slice = batch.messages.slice(start, start + sliceSize);
        count(slice.length);
        const messages = await work(slice, batch.partition);
        if (messages.length > 0) await producer.send({ topic: TARGET!, acks: -1, messages });
        resolveOffset(slice.at(-1)!.offset);
        await heartbeat();
      }
      await commitOffsetsIfNecessary(uncommittedOffsets());
    },
  });
};
