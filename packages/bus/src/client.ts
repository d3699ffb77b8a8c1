import type { Logger } from '@scenefi/kernel';
import { Kafka, logLevel } from 'kafkajs';

export type BusConfig = {
  brokers: readonly string[];
  /** Stands before every topic and group, so that tests and tenants do not meet. */
  namespace: string;
  clientId: string;
};

/** A Kafka client whose own lines go to our log; what it calls an error is a warning here, since it retries by itself. */
export const createKafka = ({ brokers, clientId }: BusConfig, logger: Logger): Kafka => {
  let turn = 0;
  return new Kafka({
    // The next one each time: who was let down by one broker must not begin anew at the same.
    brokers: () => [brokers[turn++ % brokers.length]!],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    // Consumers must outlive a long outage; a produce has a deadline of its own.
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 1_000_000 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, log: { message, error } }) =>
        logger[level === logLevel.ERROR ? 'warn' : 'debug']('the Kafka client says', { message, error }),
  });
};
