import type { Log, Message } from '@scenefi/engine';
import type { Clock, Logger, Meter, Random } from '@scenefi/kernel';
import { type BusConfig, createKafka } from './client.ts';
import { createConsumer } from './consume.ts';
import { createSender } from './produce.ts';
import { openTable } from './table.ts';
import { deadLettersOf, ensureTopics, type TopicLayout } from './topics.ts';

export type BusParts = BusConfig &
  TopicLayout & {
    clock: Clock;
    random: Random;
    logger: Logger;
    meter: Meter;
    sendTimeoutMs: number;
    sessionTimeoutMs: number;
    tableRefreshMs: number;
    appended?: (brokerMs: number) => void;
    crashed: (error: Error) => void;
  };

/** What a service hears, as which group, and what settles a batch of one partition. */
export type Consumption = {
  group: string;
  topics: readonly string[];
  settle: (messages: readonly Message[]) => Promise<void>;
  partitionsConcurrently: number;
};

/** Kafka for one process: creates topics, gives the engine's `Log`, consumes as one group, reads tables. */
export const connectBus = async (parts: BusParts) => {
  const { namespace, clock, random, logger, crashed } = parts;
  const kafka = createKafka(parts, logger);
  const admin = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } });
  await admin.connect();
  const partitions = await ensureTopics(admin, parts, clock);
  const sender = createSender({ ...parts, kafka, partitions });
  const tables: ReturnType<typeof openTable>[] = [];
  let consumer: ReturnType<typeof createConsumer> | undefined;
  const nothing = new Map<string, number>();
  const log: Log = {
    send: sender.send,
    partitionOf: sender.partitionOf,
    ends: async () => consumer?.ends() ?? nothing,
    committed: async () => consumer?.committed() ?? nothing,
  };

  return {
    log,
    /** Joins the group and hears the topics; their dead-letter topics are created first. */
    consume: async ({ group, topics, settle, partitionsConcurrently }: Consumption): Promise<void> => {
      // At once, not after the topics: until then the ends are empty, and a wake-up that takes would wait for nothing.
      consumer = createConsumer({ ...parts, kafka, admin, group, topics, settle });
      for (const [topic, count] of await ensureTopics(admin, parts, clock, deadLettersOf(topics, group))) partitions.set(topic, count);
      await consumer.start(partitionsConcurrently);
    },
    openTable: (topics: readonly string[], take: (message: Message) => void) => {
      const table = openTable({ kafka, admin, namespace, topics, take, clock, random, logger, refreshMs: parts.tableRefreshMs, crashed });
      tables.push(table);
      return table;
    },
    startTables: () => Promise.all(tables.map((table) => table.start())),
    joined: (): boolean => consumer?.joined() ?? true,
    /** How far the group is behind, in messages. */
    lag: async (): Promise<number> => {
      const [ends, committed] = await Promise.all([log.ends(), log.committed()]);
      return [...ends].reduce((sum, [partition, end]) => sum + Math.max(0, end - (committed.get(partition) ?? 0)), 0);
    },
    stopConsuming: async (): Promise<void> => {
      await Promise.all([consumer?.stop(), ...tables.map((table) => table.stop())]);
    },
    close: async (): Promise<void> => {
      await sender.close();
      await admin.disconnect();
    },
  };
};

export type Bus = Awaited<ReturnType<typeof connectBus>>;
