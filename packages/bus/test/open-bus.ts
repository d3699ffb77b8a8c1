import type { Message, Unit } from '@scenefi/engine';
import { systemClock, systemRandom } from '@scenefi/runtime';
import { engineAddresses, keptLogger, keptMeter, type RawBus, until } from '@scenefi/testing/engines';
import { type BusParts, connectBus } from '../src/bus.ts';

/** A bus on the engines of the run, as a service has it but quicker. */
export const openBus = async (namespace: string, more: Partial<BusParts> = {}) => {
  const logger = keptLogger();
  const crashes: Error[] = [];
  const bus = await connectBus({
    brokers: engineAddresses().kafkaBrokers.split(','),
    namespace,
    clientId: 'bus-test',
    partitions: 3,
    replication: 1,
    clock: systemClock,
    random: systemRandom,
    logger,
    meter: keptMeter(),
    sendTimeoutMs: 4_000,
    sessionTimeoutMs: 10_000,
    tableRefreshMs: 200,
    crashed: (error) => void crashes.push(error),
    ...more,
  });
  return { bus, logger, crashes };
};

export const topic = 'campus.bill.v1';

/** A fresh topic may have leaders that do not lead yet: then a first produce is tried again and stands there twice. */
export const awaitLeaders = (raw: RawBus): Promise<true> =>
  until('every partition has a leader that leads', () =>
    raw
      .read(topic)
      .then(() => true as const)
      .catch(() => false as const),
  );

/** Sends until it is taken: a fresh topic may have leaders that do not lead yet, and a broker that is back takes a moment. */
export const untilTaken = ({ log }: Pick<Awaited<ReturnType<typeof connectBus>>, 'log'>, ...units: Unit[]): Promise<true> =>
  until('it is taken', () =>
    log.send(units).then(
      () => true as const,
      () => false as const,
    ),
  );

/** Keys that stand on the partitions 0, 1 and 2 of the three. */
export const keyOn = (partitionOf: (topic: string, key: string) => number, partition: number): string => {
  for (let number = 0; ; number += 1) if (partitionOf(topic, `k${number}`) === partition) return `k${number}`;
};

export const unit = (key: string, from: number, count = 1, value = '{}', on = topic): Unit => ({
  topic: on,
  key,
  events: Array.from({ length: count }, (_, index) => {
    return { id: `${key}:${from + index}`, source: '/scenefi/test', type: 'test.v1', time: '2026-01-02T03:04:05.000Z', value };
  }),
});

export const ids = (messages: readonly Message[]): string[] => messages.map(({ event, fault }) => event?.id ?? String(fault));
