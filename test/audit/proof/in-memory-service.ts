import { decodeMessage, encodeEvent } from '../../../packages/bus/src/codec.ts';
import {
  type AggregateDocument,
  type Backlog,
  createBatcher,
  createEngine,
  type DeadLetter,
  type Documents,
  type Engine,
  type Log,
  type Publisher,
  type Subscription,
} from '../../../packages/engine/src/index.ts';
import type { Clock, Logger, Meter } from '../../../packages/kernel/src/index.ts';
import type { RawRecord } from '../evidence.ts';

/** Topics of one partition each, as raw records. */
export type MemoryLog = Map<string, RawRecord[]>;

export const recordsOf = (log: MemoryLog, topic: string): RawRecord[] => {
  const records = log.get(topic) ?? [];
  log.set(topic, records);
  return records;
};

export const logger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const meter: Meter = { count: () => undefined, observe: () => undefined, gauge: () => () => undefined };

const impossible = (): never => {
  throw new Error('nothing may be parked here');
};

const memoryDocuments = (stored: Map<string, AggregateDocument>): Documents => ({
  load: async (ids) => new Map(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id)!]] : []))),
  save: async (saves) => {
    const losers = new Set<string>();
    for (const { document, expectedRev } of saves) {
      if ((stored.get(document._id)?.rev ?? 0) === expectedRev) stored.set(document._id, document);
      else losers.add(document._id);
    }
    return losers;
  },
  due: async (now, { takes, limit }) =>
    [...stored.values()].filter(({ wakeAt, takes: taking }) => wakeAt && wakeAt <= now && taking === takes).slice(0, limit),
  unsent: async (savedBefore, limit) =>
    [...stored.values()].filter(({ unsent, at }) => unsent !== undefined && at < savedBefore).slice(0, limit),
  clearUnsent: async (documents) => {
    for (const { _id, version, unsent } of documents) {
      const document = stored.get(_id);
      if (document?.version !== version || document.unsent !== unsent) continue;
      const { unsent: _mark, ...rest } = document;
      stored.set(_id, rest);
    }
  },
});

const memoryBacklog = (letters: Map<string, DeadLetter>): Backlog => ({
  heads: async () => new Map(),
  park: impossible,
  dueHeads: async () => [],
  parkedOf: impossible,
  parked: async () => [],
  removeParked: impossible,
  removeHead: impossible,
  postponeHead: impossible,
  removeOrphans: impossible,
  blocking: async () => new Set(),
  bury: async (dead) => {
    for (const letter of dead) if (!letters.has(letter._id)) letters.set(letter._id, letter);
  },
  deadLetters: async () => [...letters.values()],
  deadLetter: async (id) => letters.get(id),
  markRedriven: impossible,
  counts: async () => ({ parked: 0, deadLetters: letters.size }),
});

export type ServiceParts = { engine: Engine; publisher: Publisher; clock: Clock; logger: Logger };

type MemoryService = {
  name: string;
  heard: readonly string[];
  clock: Clock;
  log: MemoryLog;
  subscriptions: (parts: ServiceParts) => readonly Subscription[];
};

/** The real engine with real handlers, on a log and documents in memory. */
export const memoryService = ({ name, heard, clock, log, subscriptions }: MemoryService) => {
  const collections = new Map<string, Map<string, AggregateDocument>>();
  const letters = new Map<string, DeadLetter>();
  const positions = new Map(heard.map((topic) => [topic, 0]));
  const positionOf = (topic: string): number => positions.get(topic) ?? 0;
  const offsets = (of: (topic: string) => number): Map<string, number> => new Map(heard.map((topic) => [`${topic}|0`, of(topic)]));
  const collection = (of: string): Map<string, AggregateDocument> => {
    const stored = collections.get(of) ?? new Map<string, AggregateDocument>();
    collections.set(of, stored);
    return stored;
  };
  const port: Log = {
    send: async (units) => {
      for (const { topic, key, events } of units) {
        const records = recordsOf(log, topic);
        for (const event of events) {
          const { value, headers } = encodeEvent(event);
          records.push({ partition: 0, offset: String(records.length), key, value: value === null ? null : Buffer.from(value), headers });
        }
      }
    },
    partitionOf: () => 0,
    ends: async () => offsets((topic) => recordsOf(log, topic).length),
    committed: async () => offsets(positionOf),
  };
  const batcher = createBatcher({ log: port, meter });
  const engine = createEngine({
    service: name,
    log: port,
    batcher,
    backlog: memoryBacklog(letters),
    documentsOf: (name) => memoryDocuments(collection(name)),
    clock,
    logger,
    meter,
    timings: { sweepMs: 500, parkedRetryMs: 1_000, parkedMaxMs: 1_000_000 },
  });
  const { settle, stop } = engine.start(subscriptions({ engine, publisher: batcher, clock, logger }));

  const behindOn = (topic: string): number => recordsOf(log, topic).length - positionOf(topic);

  return {
    name,
    letters,
    stop,
    publisher: batcher as Publisher,
    documents: <Document>(of: string): Document[] => [...collection(of).values()] as unknown as Document[],
    document: (of: string, id: string): AggregateDocument | undefined => collection(of).get(id),
    behind: (): number => heard.reduce((sum, topic) => sum + behindOn(topic), 0),
    /** Settles the next messages of one topic that has any; a redelivery settles the same ones again later. */
    consume: async (
      count: number,
      { redelivered, pick }: { redelivered: boolean; pick: (topics: readonly string[]) => string },
    ): Promise<void> => {
      const pending = heard.filter((topic) => behindOn(topic) > 0);
      if (pending.length === 0) return;
      const topic = pick(pending);
      const batch = recordsOf(log, topic).slice(positionOf(topic), positionOf(topic) + count);
      const messages = batch.map(({ offset, key, value, headers }) =>
        decodeMessage(
          { offset, key: Buffer.from(key), value, headers: { ...headers }, timestamp: String(clock.now()), attributes: 0 },
          { topic, partition: 0 },
        ),
      );
      await settle(messages);
      if (!redelivered) positions.set(topic, positionOf(topic) + batch.length);
    },
  };
};

export type RunningService = ReturnType<typeof memoryService>;
