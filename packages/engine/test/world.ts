import { type Instant, instantOf, shortHash } from '@scenefi/kernel';
import { keptLogger, keptMeter, testClock } from '@scenefi/testing/scenario';
import { LRUCache } from 'lru-cache';
import { createApply, createPublishing } from '../src/apply.ts';
import { createBatcher } from '../src/batcher.ts';
import type { Entry, Outcome } from '../src/entry.ts';
import { type Counter, type CounterCommand, counterScene } from './counter.ts';
import { memoryBacklog } from './memory-backlog.ts';
import { memoryDocuments } from './memory-documents.ts';
import { memoryLog } from './memory-log.ts';

export const startAt: Instant = '2026-01-02T03:04:05.000Z';
export const source = '/scenefi/counters';

/** A database, a broker and a clock that stand still between the steps of a test. */
export const openWorld = () => {
  const journal: string[] = [];
  const clock = testClock(startAt);
  const logger = keptLogger();
  const meter = keptMeter();
  const documents = memoryDocuments();
  const log = memoryLog(journal);
  const backlog = memoryBacklog(journal);

  /** A process of its own on the same engines: what it knows dies with it. */
  const boot = (scene = counterScene) => {
    const batcher = createBatcher({ log, meter });
    const parts = { source, documents, publisher: batcher, clock, logger, meter, published: new LRUCache<string, number>({ max: 100 }) };
    return { batcher, apply: createApply({ ...parts, scene }), publish: createPublishing({ ...parts, scene }) };
  };
  const now = (): Instant => instantOf(clock.now());
  return { journal, clock, now, logger, meter, documents, log, backlog, boot };
};

type Manner = Partial<Omit<Entry<CounterCommand>, 'aggregateId' | 'id' | 'command'>>;

/** A command from an uncommitted Kafka message, unless the manner says otherwise; every id is a message key of its own. */
export const entry = (aggregateId: string, id: string, command: CounterCommand, manner: Manner = {}): Entry<CounterCommand> => ({
  aggregateId,
  id,
  command,
  bodyHash: shortHash(JSON.stringify(command)),
  messageKey: id,
  cause: {},
  backed: true,
  ...manner,
});

export const add = (aggregateId: string, id: string, by = 1, manner: Manner = {}) => entry(aggregateId, id, { type: 'Add', by }, manner);

export const wake = (aggregateId: string, at: Instant, drained = true): Entry<CounterCommand> =>
  entry(aggregateId, `wake|${aggregateId}|${at}`, { type: 'Wake' }, { backed: false, wake: { at, drained } });

export const statuses = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ status }) => status);

export const totalOf = (document: { state: unknown } | undefined): number => (document?.state as Counter | undefined)?.total ?? 0;
