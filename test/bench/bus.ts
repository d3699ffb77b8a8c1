import { type Bus, connectBus } from '@scenefi/bus';
import type { Unit } from '@scenefi/engine';
import { createLogger, createMetrics, systemClock, systemRandom } from '@scenefi/runtime';

const unitsPerSend = 500;

/** Our bus with what a service gives it; creates the topics of the namespace. */
export const openBus = (brokers: string, namespace: string, partitions: number) =>
  connectBus({
    brokers: brokers.split(','),
    namespace,
    partitions,
    replication: 1,
    clientId: 'bench',
    clock: systemClock,
    random: systemRandom,
    logger: createLogger('bench', 'error'),
    meter: createMetrics('bench'),
    sendTimeoutMs: 20_000,
    sessionTimeoutMs: 30_000,
    tableRefreshMs: 60_000,
    crashed: (error) => {
      throw error;
    },
  });

/** Puts units on the log, as many at once as a batch of ours has. */
export const sendAll = async ({ log }: Pick<Bus, 'log'>, units: readonly Unit[]): Promise<void> => {
  for (let at = 0; at < units.length; at += unitsPerSend) await log.send(units.slice(at, at + unitsPerSend));
};
