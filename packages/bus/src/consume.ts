import { coalesce, type Message, type Offsets } from '@scenefi/engine';
import { type Clock, failPoint, type Logger, type Meter, Outage } from '@scenefi/kernel';
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { decodeMessage } from './codec.ts';

export type ConsumerParts = {
  kafka: Kafka;
  admin: Admin;
  namespace: string;
  group: string;
  topics: readonly string[];
  settle: (messages: readonly Message[]) => Promise<void>;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  sessionTimeoutMs: number;
  /** The consumer will never read again: the process must end. */
  crashed: (error: Error) => void;
};

const sliceMessages = 250;
const pauseMs = { first: 250, max: 5_000 } as const;

/**
 * Reads partitions batch by batch, in order. Offsets are resolved only after a slice has settled, so the committed
 * offset is always a contiguous prefix. An outage pauses the one partition and backs off; nothing else is thrown into kafkajs.
 */
export const createConsumer = (parts: ConsumerParts) => {
  const { kafka, admin, namespace, group, topics, settle, clock, logger, meter, sessionTimeoutMs, crashed } = parts;
  const groupId = namespace + group;
  const positions = new Map<string, number>();
  const pauses = new Map<string, number>();
  let assigned = new Set<string>();
  let heardFromGroupAt: number | undefined;

  const consumer: Consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(3_000, sessionTimeoutMs / 3),
    maxWaitTimeInMs: 500,
    maxBytes: 2 * 1024 * 1024,
    maxBytesPerPartition: 512 * 1024,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 1_000_000, restartOnFailure: async () => true },
  });

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    heardFromGroupAt = clock.now();
    positions.clear();
    assigned = new Set(
      Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
        numbers.map((number) => `${topic.slice(namespace.length)}|${number}`),
      ),
    );
    logger.info('joined the consumer group', { group: groupId, partitions: assigned.size });
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    heardFromGroupAt = clock.now();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    heardFromGroupAt = undefined;
    if (!payload.restart) crashed(payload.error);
  });

  /** Pauses for a while that doubles until a slice settles again. */
  const backOff = (partition: string, outage: Error, pause: () => () => void): void => {
    const delayMs = pauses.get(partition) ?? pauseMs.first;
    pauses.set(partition, Math.min(delayMs * 2, pauseMs.max));
    meter.count('bus_pauses_total', { group });
    logger.warn('a partition pauses', { partition, delayMs, reason: outage.message });
    clock.after(delayMs, pause());
  };

  /** What is resolved of any partition is committed with it, so that partitions which settle at one moment need one commit. */
  const commit = coalesce(async (payloads: readonly EachBatchPayload[]) => {
    const { commitOffsetsIfNecessary, uncommittedOffsets } = payloads[0]!;
    await commitOffsetsIfNecessary(uncommittedOffsets());
    return payloads.map(() => undefined);
  });

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat, isRunning, isStale, pause } = payload;
    const topic = batch.topic.slice(namespace.length);
    const partition = `${topic}|${batch.partition}`;
    for (let start = 0; start < batch.messages.length; start += sliceMessages) {
      if (!isRunning() || isStale()) return;
      const slice = batch.messages.slice(start, start + sliceMessages);
      meter.observe('bus_slice_messages', slice.length, { group });
      try {
        await settle(slice.map((record) => decodeMessage(record, { topic, partition: batch.partition })));
      } catch (error) {
        // Anything but an outage is a bug in the engine itself; the partition waits and the log says so.
        if (!(error instanceof Outage))
          logger.error('settling failed', { partition, reason: error instanceof Error ? error.stack : String(error) });
        backOff(partition, error instanceof Error ? error : new Error(String(error)), pause);
        break;
      }
      pauses.delete(partition);
      const last = slice.at(-1)!.offset;
      failPoint('before-commit', () => topic);
      resolveOffset(last);
      positions.set(partition, Number(last) + 1);
      await heartbeat();
    }
    await commit([payload]);
  };

  const ends = async (): Promise<Offsets> => offsetsOf(topics, (topic) => admin.fetchTopicOffsets(namespace + topic));

  /** An idle owner commits its position again until it reads it back: a commit whose answer was lost may have been lost itself. */
  const committed = async (): Promise<Offsets> => {
    const known = new Map<string, number>();
    const [answers, firsts] = await Promise.all([
      admin.fetchOffsets({ groupId, topics: topics.map((topic) => namespace + topic) }),
      offsetsOf(topics, async (topic) =>
        (await admin.fetchTopicOffsets(namespace + topic)).map(({ partition, low }) => ({ partition, offset: low })),
      ),
    ]);
    for (const { topic, partitions } of answers) {
      for (const { partition, offset } of partitions) {
        const name = `${topic.slice(namespace.length)}|${partition}`;
        known.set(name, Number(offset) >= 0 ? Number(offset) : (firsts.get(name) ?? 0));
      }
    }
    const behind = [...positions].filter(([partition, position]) => assigned.has(partition) && (known.get(partition) ?? 0) < position);
    if (behind.length > 0) {
      await consumer
        .commitOffsets(behind.map(([name, position]) => ({ ...splitPartition(name, namespace), offset: String(position) })))
        .catch((error: unknown) => logger.debug('a position was not committed again', { reason: String(error) }));
    }
    return known;
  };

  return {
    start: async (partitionsConcurrently: number): Promise<void> => {
      await consumer.connect();
      await consumer.subscribe({ topics: topics.map((topic) => namespace + topic), fromBeginning: true });
      await consumer.run({
        eachBatchAutoResolve: false,
        autoCommit: false,
        partitionsConsumedConcurrently: partitionsConcurrently,
        eachBatch,
      });
    },
    stop: () => consumer.disconnect(),
    /** Whether the group has heard of this consumer within the session. */
    joined: (): boolean => heardFromGroupAt !== undefined && clock.now() - heardFromGroupAt < sessionTimeoutMs,
    ends: () => outageOf(ends),
    committed: () => outageOf(committed),
  };
};

type PartitionOffset = { partition: number; offset: string };

const offsetsOf = async (topics: readonly string[], fetch: (topic: string) => Promise<PartitionOffset[]>): Promise<Map<string, number>> => {
  const answers = await Promise.all(topics.map(async (topic) => ({ topic, offsets: await fetch(topic) })));
  return new Map(
    answers.flatMap(({ topic, offsets }) => offsets.map(({ partition, offset }) => [`${topic}|${partition}`, Number(offset)])),
  );
};

const splitPartition = (name: string, namespace: string): { topic: string; partition: number } => {
  const at = name.lastIndexOf('|');
  return { topic: namespace + name.slice(0, at), partition: Number(name.slice(at + 1)) };
};

const outageOf = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (cause) {
    throw new Outage('the broker did not tell offsets', { cause });
  }
};
