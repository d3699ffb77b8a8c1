import { type Bus, connectBus } from '@scenefi/bus';
import { type Batcher, createBatcher } from '@scenefi/engine';
import { type Clock, type Logger, Outage, sleep } from '@scenefi/kernel';
import type { z } from 'zod';
import { systemClock, systemRandom } from './clock.ts';
import type { edgeConfig } from './config.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { startTraces } from './traces.ts';

/** Undoes in the opposite order, each step whatever became of the one before. */
export const createUndo = (logger: Logger) => {
  const steps: { name: string; undo: () => unknown }[] = [];
  return {
    add: (name: string, undo: () => unknown): void => void steps.push({ name, undo }),
    run: async (): Promise<void> => {
      for (const { name, undo } of steps.reverse()) {
        try {
          await undo();
        } catch (error) {
          logger.warn('a step of stopping failed', { step: name, reason: String(error) });
        }
      }
    },
  };
};

export type Undo = ReturnType<typeof createUndo>;

/** An engine that is not there yet is waited for; a process that starts before its engines needs no special order. */
export const waitFor = async <Value>(what: string, logger: Logger, connect: () => Promise<Value>): Promise<Value> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connect();
    } catch (error) {
      if (tries === 20 || !(error instanceof Outage || /^Kafka/.test((error as Error).name))) throw error;
      logger.warn('an engine does not answer yet', { engine: what, tries, reason: (error as Error).message });
      await sleep(systemClock, Math.min(250 * tries, 3_000));
    }
  }
};

/** What every process has: Kafka, the one batcher, metrics, and how to undo them. */
export type Base = { bus: Bus; batcher: Batcher; metrics: Metrics; undo: Undo; traced: boolean };

export type BaseParts = {
  name: string;
  config: z.output<typeof edgeConfig>;
  logger: Logger;
  /** Of aggregates beside others of the same process; who comes first has its own. */
  metrics?: Metrics;
  /** The process must end: a consumer will never read again. */
  crashed: (error: Error) => void;
};

/** Connects what a process with and one without a database have in common. */
export const openBase = async (
  { name, config, logger, metrics = createMetrics(name), crashed }: BaseParts,
  clock: Clock,
  undo: Undo,
  appended?: (brokerMs: number) => void,
): Promise<Base> => {
  const stopTraces = await startTraces(name, process.env);
  if (stopTraces) undo.add('traces', stopTraces);
  const parts = {
    brokers: config.KAFKA_BROKERS,
    namespace: config.NAMESPACE,
    clientId: `scenefi-${name}`,
    partitions: config.TOPIC_PARTITIONS,
    replication: config.TOPIC_REPLICATION,
    clock,
    random: systemRandom,
    logger,
    meter: metrics,
    sendTimeoutMs: config.SEND_TIMEOUT_MS,
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
    tableRefreshMs: config.TABLE_REFRESH_MS,
    crashed,
    ...(appended && { appended }),
  };
  const bus = await waitFor('kafka', logger, () => connectBus(parts));
  undo.add('bus', bus.close);
  const batcher = createBatcher({ log: bus.log, meter: metrics });
  undo.add('consumers', bus.stopConsuming);
  undo.add('batcher', batcher.drained);
  undo.add('batcher gauge', metrics.gauge('batcher_waiting_events', batcher.waiting));
  return { bus, batcher, metrics, undo, traced: stopTraces !== undefined };
};
