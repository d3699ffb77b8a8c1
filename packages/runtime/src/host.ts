import { createEngine, type Engine, type EngineParts, type Message, type Publisher, type Subscription } from '@scenefi/engine';
import { createApp, messagesRoutes } from '@scenefi/http';
import type { Clock, Logger, Meter, Random } from '@scenefi/kernel';
import { connectStore, createBacklog, createDocuments, indexDocuments, type Store } from '@scenefi/store';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { type Base, type BaseParts, createUndo, openBase, waitFor } from './base.ts';
import { brokerSkew, followClock, systemClock, systemRandom } from './clock.ts';
import type { edgeConfig, serviceConfig } from './config.ts';
import { messageBacklog } from './messages.ts';
import { tracedSettle, traceRequests } from './traces.ts';

type EdgeSettings = z.output<typeof edgeConfig>;
type ServiceSettings = z.output<typeof serviceConfig>;

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

/** What a service with a database is built from. */
export type Platform<Config> = Edge<Config> & { store: Store; engine: Engine };

/** What a service is: what it answers, what it hears, and why it may not be ready. */
export type Service = {
  routes?: readonly FastifyPluginAsyncZod[];
  subscriptions?: readonly Subscription[];
  ready?: () => readonly string[];
};

/** A process that runs, in a test or for real. */
export type Running = { url: string; app: FastifyInstance; stop: () => Promise<void> };

export type Start<Config, Parts> = Omit<BaseParts, 'config'> & {
  config: Config;
  build: (parts: Parts) => Service | Promise<Service>;
  /** Told of the end of every message. */
  ended?: EngineParts['ended'];
};

const version = '0.1.0';
const partitionsConcurrently = 4;

/** Listens, and answers health by everything that can be wrong with this process. */
const serve = async (
  { name, config, logger }: Pick<Start<EdgeSettings, never>, 'name' | 'config' | 'logger'>,
  base: Base,
  service: Service,
  health: { ready: () => string[] },
  routes: readonly FastifyPluginAsyncZod[],
): Promise<Running> => {
  let stopping = false;
  const { bus, metrics, undo, traced } = base;
  const ready = (): string[] => [
    ...(stopping ? ['the process is stopping'] : []),
    ...(bus.joined() ? [] : ['the consumer group has not heard of this process lately']),
    ...health.ready(),
    ...(service.ready?.() ?? []),
  ];
  const options = { name, version, logger, meter: metrics, random: systemRandom, development: config.DEVELOPMENT };
  const app = createApp({ ...options, health: { ready }, metricsText: metrics.text });
  if (traced) traceRequests(app);
  for (const route of [...routes, ...(service.routes ?? [])]) await app.register(route);
  undo.add('http', () => app.close());
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info('service started', { url });
  const stop = async (): Promise<void> => {
    stopping = true;
    await undo.run();
    logger.info('service stopped');
  };
  return { url, app, stop };
};

const edgeOf = <Config>(config: Config, clock: Clock, logger: Logger, { bus, batcher, metrics }: Base): Edge<Config> => ({
  config,
  clock,
  random: systemRandom,
  logger,
  meter: metrics,
  publisher: batcher,
  openTable: bus.openTable,
});

/** Starts a service without a database. */
export const startEdge = async <Config extends EdgeSettings>(start: Start<Config, Edge<Config>>): Promise<Running> => {
  const { config, logger, build } = start;
  const clock = systemClock;
  const undo = createUndo(logger);
  const skew = brokerSkew(clock);
  const base = await openBase(start, clock, undo, skew.appended);
  const { bus } = base;
  const service = await build(edgeOf(config, clock, logger, base));
  await bus.startTables();
  const ready = (): string[] => (skew.wrong() ? ['the clock is more than two seconds off the broker'] : []);
  return serve(start, base, service, { ready }, []);
};

/** Starts a service with a database: its engine sweeps, its subscriptions are consumed as the group of its name. */
export const startService = async <Config extends ServiceSettings>(start: Start<Config, Platform<Config>>): Promise<Running> => {
  const { name, config, logger, build, ended } = start;
  const undo = createUndo(logger);
  const database = `${config.NAMESPACE.replaceAll('.', '-')}${name}`;
  const store = await waitFor('mongodb', logger, () => connectStore({ url: config.MONGO_URL, database }));
  undo.add('store', store.close);
  const clock = await followClock(store.timeMs);
  undo.add('clock', clock.stop);
  const base = await openBase(start, clock, undo);
  const { bus, batcher, metrics } = base;
  const backlog = await createBacklog(store);
  const indexes: Promise<unknown>[] = [];
  const engine = createEngine({
    service: name,
    log: bus.log,
    batcher,
    backlog,
    documentsOf: (collection) => {
      indexes.push(indexDocuments(store.collection(collection)));
      return createDocuments(store.collection(collection));
    },
    clock,
    logger,
    meter: metrics,
    timings: { sweepMs: config.SWEEP_MS, parkedRetryMs: config.PARKED_RETRY_MS, parkedMaxMs: config.PARKED_MAX_MS },
    ...(ended && { ended }),
  });
  metrics.gauge('engine_parked_messages', async () => (await backlog.counts()).parked);
  metrics.gauge('bus_lag_messages', bus.lag);
  const parts = { ...edgeOf(config, clock, logger, base), store, engine };
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
    ...engine.ready(),
  ];
  const operations = messagesRoutes({ backlog: messageBacklog(backlog, engine), internalToken: config.INTERNAL_TOKEN });
  return serve(start, base, service, { ready }, [operations]);
};
