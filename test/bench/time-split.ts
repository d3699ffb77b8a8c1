import { Kafka } from 'kafkajs';
import mongoose from 'mongoose';

/** Milliseconds that the calls of one kind took until they were answered, added up, and how many there were. */
export type TimeSplit = Record<string, { ms: number; calls: number }>;

/** Loaded into our service before its own code (`node --import`): a stop-watch around the drivers, a few calls per slice. */
const split: TimeSplit = {};

const timed = async <Value>(kind: string, work: () => Promise<Value>): Promise<Value> => {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    split[kind] ??= { ms: 0, calls: 0 };
    split[kind].ms += performance.now() - startedAt;
    split[kind].calls += 1;
  }
};

const { Collection, AbstractCursor } = mongoose.mongo;
const { bulkWrite } = Collection.prototype;
Collection.prototype.bulkWrite = function (...args) {
  return timed('write', () => bulkWrite.apply(this, args));
};

const { toArray } = AbstractCursor.prototype;
AbstractCursor.prototype.toArray = function () {
  return timed(this.namespace.collection === 'parked_heads' ? 'parked heads' : 'find', () => toArray.call(this));
};

const { producer, consumer } = Kafka.prototype;
Kafka.prototype.producer = function (config) {
  const made = producer.call(this, config);
  const { sendBatch } = made;
  made.sendBatch = (batch) => timed('produce', () => sendBatch(batch));
  return made;
};

Kafka.prototype.consumer = function (config) {
  const made = consumer.call(this, config);
  const { run } = made;
  made.run = (options) =>
    run({
      ...options,
      eachBatch: (payload) =>
        timed('batch', () =>
          options!.eachBatch!({
            ...payload,
            commitOffsetsIfNecessary: (offsets) => timed('commit', () => payload.commitOffsetsIfNecessary(offsets)),
          }),
        ),
    });
  return made;
};

process.on('message', () => {
  process.send!(split);
  for (const kind of Object.keys(split)) delete split[kind];
});
process.channel?.unref();
