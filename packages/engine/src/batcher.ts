import { type Meter, Outage } from '@scenefi/kernel';
import type { Log, Publisher, Unit } from './ports.ts';

/** What stands in one produce, and how much may wait for the next ones. */
export const batchLimits = { events: 500, bytes: 512 * 1024, waitingEvents: 20_000, waitingBytes: 64 * 1024 * 1024 } as const;

/** Headers and framing of one event, roughly. */
const overheadBytes = 400;

type Waiting = { unit: Unit; lane: string; bytes: number; resolve: () => void; reject: (error: Outage) => void };

export type Batcher = Publisher & {
  /** How many events wait or are on their way. */
  waiting(): number;
  /** Resolves once nothing waits and nothing is on its way. */
  drained(): Promise<void>;
};

/**
 * The one way out of a process: at most one produce is on its way, and what arrives meanwhile is the next batch.
 * A unit is never split; one that is larger than a batch goes alone. After a failed produce its units are tried once more
 * per topic and partition, so that a sick partition delays only its own callers. A full queue rejects at once.
 */
export const createBatcher = ({ log, meter }: { log: Pick<Log, 'send' | 'partitionOf'>; meter: Meter }): Batcher => {
  const queue: Waiting[] = [];
  let waitingEvents = 0;
  let waitingBytes = 0;
  let flushing: Promise<void> | undefined;

  const nextBatch = (): Waiting[] => {
    let events = 0;
    let bytes = 0;
    let taken = 0;
    for (const waiting of queue) {
      const fits = events + waiting.unit.events.length <= batchLimits.events && bytes + waiting.bytes <= batchLimits.bytes;
      if (taken > 0 && !fits) break;
      events += waiting.unit.events.length;
      bytes += waiting.bytes;
      taken += 1;
    }
    return queue.splice(0, taken);
  };

  const end = (batch: readonly Waiting[], failure?: Outage): void => {
    for (const { unit, bytes, resolve, reject } of batch) {
      waitingEvents -= unit.events.length;
      waitingBytes -= bytes;
      if (failure) reject(failure);
      else resolve();
    }
  };

  const send = (batch: readonly Waiting[]): Promise<Outage | undefined> =>
    log.send(batch.map(({ unit }) => unit)).then(
      () => undefined,
      (error: unknown) => (error instanceof Outage ? error : new Outage('the produce failed', { cause: error })),
    );

  const sendByPartition = async (batch: readonly Waiting[]): Promise<void> => {
    const parts = Map.groupBy(batch, ({ lane }) => lane);
    await Promise.all([...parts.values()].map(async (part) => end(part, await send(part))));
  };

  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = nextBatch();
      const events = batch.reduce((sum, { unit }) => sum + unit.events.length, 0);
      meter.observe('batcher_events', events);
      const failure = await send(batch);
      if (failure) await sendByPartition(batch);
      else end(batch);
    }
    flushing = undefined;
  };

  return {
    publish: (unit) =>
      new Promise((resolve, reject) => {
        // Here, because a topic that nobody created must fail its own caller, not the batch.
        const lane = `${unit.topic}|${log.partitionOf(unit.topic, unit.key)}`;
        const bytes = unit.events.reduce((sum, { value }) => sum + (value === null ? 0 : Buffer.byteLength(value)) + overheadBytes, 0);
        if (waitingEvents >= batchLimits.waitingEvents || waitingBytes >= batchLimits.waitingBytes) {
          reject(new Outage('too much waits for the broker'));
          return;
        }
        waitingEvents += unit.events.length;
        waitingBytes += bytes;
        queue.push({ unit, lane, bytes, resolve, reject });
        // The produce starts after the current turn of the event loop's microtasks, so that callers of one batch meet.
        flushing ??= Promise.resolve().then(flush);
      }),
    waiting: () => waitingEvents,
    drained: async () => {
      while (flushing) await flushing;
    },
  };
};
