import { createEngine, type Engine, type EngineParts, hasPassed, type Message, type Publisher, type Subscription } from '@scenefi/engine';
import type { MessageBacklog } from '@scenefi/http';
import type { Clock, Logger, Meter, Random } from '@scenefi/kernel';
import { connectStore, createBacklog, createDocuments, indexDocuments, type Store } from '@scenefi/store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { type Base, type BaseParts, createUndo, openBase, type Undo, waitFor } from './base.ts';
import { followClock, systemClock, systemRandom } from './clock.ts';
import type { edgeConfig, serviceConfig } from './config.ts';
import { messageBacklog } from './messages.ts';
import { tracedSettle } from './traces.ts';

export type EdgeSettings = z.output<typeof edgeConfig>;
export type ServiceSettings = z.output<typeof serviceConfig>;

/** What a service without a database is built from. */
export type Edge<Config> = {
  config: Config;
  clock: Clock;
  random: Random;
  logger: Logger;
  meter: Meter;
  publisher: Publisher;
  /** Reads compacted topics whole into memory before the process is ready. */
  openTable: (topics: readonly string[], take: (message: Message) => void) => { fresh(): boolean };
};

/** A second set of aggregates in the same process. */
export type Beside = {
  ready: () => string[];
  /** Whether its group has heard everything that stood in the log when it was opened. */
  caughtUp: () => Promise<boolean>;
  stop: () => Promise<void>;
};

/** What a service with a database is built from. */
export type Platform<Config> = Edge<Config> & {
  store: Store;
  engine: Engine;
  /** Opens aggregates under another name: a database, a consumer group and an engine of their own. */
  beside: (name: string, build: (platform: Platform<Config>) => Service | Promise<Service>) => Promise<Beside>;
};

/** What a service is: what it answers, what it hears, and why it may not be ready. */
export type Service = {
  routes?: readonly FastifyPluginAsyncZod[];
  subscriptions?: readonly Subscription[];
  ready?: () => readonly string[];
};

export type Start<Config, Parts> = Omit<BaseParts, 'config'> & {
  config: Config;
  build: (parts: Parts) => Service | Promise<Service>;
  /** Told of the end of every message. */
  ended?: EngineParts['ended'];
};

const partitionsConcurrently = 4;
const notJoined = 'the consumer group has not heard of this process lately';

/** What every service is built from, whether it has a database or not. */
export const edgeOf = <Config>(config: Config, clock: Clock, logger: Logger, { bus, batcher, metrics }: Base): Edge<Config> => ({
  config,
  clock,
  random: systemRandom,
  logger,
  meter: metrics,
  publisher: batcher,
  openTable: bus.openTable,
});

/** What operators see and re-drive of a process, however many engines it has. */
export type Backlogs = Set<MessageBacklog>;

/** Everything of a service with a database but its edge: engine, sweepers, the consumer of its name. */
export const openPlatform = async <Config extends ServiceSettings>(
  start: Start<Config, Platform<Config>>,
  undo: Undo,
  backlogs: Backlogs = new Set(),
) => {
  const { name, config, logger, build, ended } = start;
  const database = `${config.NAMESPACE.replaceAll('.', '-')}${name}`;
  const store = await waitFor('mongodb', logger, () => connectStore({ url: config.MONGO_URL, database, clock: systemClock }));
  undo.add('store', store.close);
  const clock = await followClock(store.timeMs);
  undo.add('clock', clock.stop);
  const base = await openBase(start, clock, undo);
  const { bus, batcher, metrics } = base;
  const backlog = await createBacklog(store);
  const indexes: Promise<unknown>[] = [];
  const engine: Engine = createEngine({
    service: name,
    log: bus.log,
    batcher,
    backlog,
    documentsOf: (collection) => {
      indexes.push(indexDocuments(store.collection(collection)));
      return createDocuments(store, collection);
    },
    clock,
    logger,
    meter: metrics,
    timings: { sweepMs: config.SWEEP_MS, parkedRetryMs: config.PARKED_RETRY_MS, parkedMaxMs: config.PARKED_MAX_MS },
    ...(ended && { ended }),
  });
  const shown = messageBacklog(backlog, engine);
  backlogs.add(shown);
  undo.add('backlog', () => backlogs.delete(shown));
  undo.add(
    'parked gauge',
    metrics.gauge('engine_parked_messages', async () => (await backlog.counts()).parked),
  );
  undo.add('lag gauge', metrics.gauge('bus_lag_messages', bus.lag));
  const parts = { ...edgeOf(config, clock, logger, base), store, engine, beside: besideOf({ ...start, metrics }, backlogs) };
  const service = await build(parts);
  await Promise.all(indexes);
  const subscriptions = service.subscriptions ?? [];
  const topics = [...new Set(subscriptions.map(({ contract }) => contract.topic))];
  await bus.startTables();
  // In one go with `consume`: a sweep in between would not know what this service has yet to hear.
  const { settle, stop } = engine.start(subscriptions);
  undo.add('sweepers', stop);
  if (topics.length > 0)
    await bus.consume({ group: name, topics, settle: base.traced ? tracedSettle(settle) : settle, partitionsConcurrently });
  const ready = (): string[] => [
    ...(clock.wrong() ? ['the clock is more than two seconds off the database'] : []),
    ...(clock.lost() ? ['the database has not answered for twenty seconds'] : []),
    ...(bus.joined() ? [] : [notJoined]),
    ...engine.ready(),
  ];
  return { base, service, ready, backlogs };
};

const besideOf =
  <Config extends ServiceSettings>(start: Start<Config, Platform<Config>>, backlogs: Backlogs): Platform<Config>['beside'] =>
  async (name, build) => {
    const undo = createUndo(start.logger);
    try {
      const { base, ready } = await openPlatform({ ...start, name, build }, undo, backlogs);
      const { log } = base.bus;
      // Twice to the end: what came while the first stretch was heard is as much as a reader may miss of the log.
      const ends = [await log.ends()];
      const caughtUp = async (): Promise<boolean> => {
        if (!hasPassed(await log.committed(), ends.at(-1)!)) return false;
        if (ends.length === 1) ends.push(await log.ends());
        return hasPassed(await log.committed(), ends.at(-1)!);
      };
      return { ready, caughtUp, stop: undo.run };
    } catch (error) {
      await undo.run();
      throw error;
    }
  };
