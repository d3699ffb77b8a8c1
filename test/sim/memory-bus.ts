import type { Log, Message } from '@scenefi/engine';
import type { Logger, Meter } from '@scenefi/kernel';
import { createConsumer } from '../../packages/bus/src/consume.ts';
import { createSender } from '../../packages/bus/src/produce.ts';
import type { Broker } from './broker.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { Life } from './life.ts';
import { sendTimeoutMs, sessionTimeoutMs } from './rules.ts';
import type { World } from './world.ts';

type Consumption = { group: string; topics: readonly string[]; settle: (messages: readonly Message[]) => Promise<void> };

export type MemoryBusParts = { world: World; broker: Broker; life: Life; logger: Logger; meter: Meter };

/** Our bus on a client that is not Kafka's: what `connectBus` gives a process, and nothing that is not used here. */
export const connectMemoryBus = ({ world, broker, life, logger, meter }: MemoryBusParts) => {
  const { clock } = life;
  const { kafka, admin } = createKafkaClient(life, broker, world);
  const sender = createSender({ kafka, namespace: '', partitions: broker.partitions, clock, logger, sendTimeoutMs });
  const nothing = new Map<string, number>();
  const crashed = (error: Error): void => world.violate('alarm', `${life.name}: the consumer crashed: ${error.message}`);
  let consumer: ReturnType<typeof createConsumer> | undefined;
  const log: Log = {
    send: sender.send,
    partitionOf: sender.partitionOf,
    ends: async () => consumer?.ends() ?? nothing,
    committed: async () => consumer?.committed() ?? nothing,
  };
  return {
    log,
    consume: async (consumption: Consumption): Promise<void> => {
      consumer = createConsumer({ ...consumption, kafka, admin, namespace: '', clock, logger, meter, sessionTimeoutMs, crashed });
      await consumer.start(4);
    },
  };
};
