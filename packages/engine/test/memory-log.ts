import { Outage } from '@scenefi/kernel';
import type { Log, Offsets, OutgoingEvent, Unit } from '../src/ports.ts';

export type Appended = OutgoingEvent & { topic: string; key: string; partition: number };

export type MemoryLog = Log & {
  /** Everything the broker has, in the order of appending. */
  readonly records: Appended[];
  /** The keys of every produce that was tried. */
  readonly produces: string[][];
  away: boolean;
  /** Partitions that take nothing. */
  readonly sick: Set<number>;
  /** So many of the next produces are appended, but their answers are lost. */
  answersLost: number;
  /** Produces wait until the answer is called. */
  hold(): () => void;
  endOffsets: Offsets;
  committedOffsets: Offsets;
  /** `<aggregate id>:<version>` of what stands on the topics of facts, in order. */
  ids(): string[];
};

const partitions = 4;

/** A log in memory: the last digit of a key is its partition, faults come on demand. */
export const memoryLog = (journal: string[] = []): MemoryLog => {
  let held: Promise<void> | undefined;

  const log: MemoryLog = {
    records: [],
    produces: [],
    away: false,
    sick: new Set(),
    answersLost: 0,
    endOffsets: new Map(),
    committedOffsets: new Map(),
    ids: () => log.records.map(({ id }) => id),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    partitionOf: (_topic, key) => Number(/\d$/.exec(key)?.[0] ?? 0) % partitions,
    send: async (units: readonly Unit[]) => {
      log.produces.push(units.map(({ key }) => key));
      await held;
      if (log.away) throw new Outage('the broker is away');
      const placed = units.map((unit) => ({ ...unit, partition: log.partitionOf(unit.topic, unit.key) }));
      // As with a real broker, one sick partition fails the whole call although the others were written.
      for (const { topic, key, partition, events } of placed) {
        if (!log.sick.has(partition)) log.records.push(...events.map((event) => ({ ...event, topic, key, partition })));
      }
      if (placed.some(({ partition }) => log.sick.has(partition))) throw new Outage('a partition has no leader');
      if (log.answersLost > 0) {
        log.answersLost -= 1;
        throw new Outage('the broker did not answer in time');
      }
    },
    ends: async () => {
      journal.push('ends');
      return log.endOffsets;
    },
    committed: async () => {
      journal.push('committed');
      return log.committedOffsets;
    },
  };
  return log;
};
