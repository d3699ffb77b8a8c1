import { type Bus, connectBus } from '@scenefi/bus';
import {
  type Batcher,
  createBatcher,
  createEngine,
  type Engine,
  type EngineParts,
  type Message,
  type Publisher,
  type Subscription,
} from '@scenefi/engine';
import { createApp, messagesRoutes } from '@scenefi/http';
import { type Clock, type Logger, type Meter, Outage, type Random, sleep } from '@scenefi/kernel';
import { connectStore, createBacklog, createDocuments, indexDocuments, type Store } from '@scenefi/store';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { brokerSkew, followClock, systemClock, systemRandom } from './clock.ts';
import type { edgeConfig, serviceConfig } from './config.ts';
import { messageBacklog } from './messages.ts';
import { createMetrics } from './metrics.ts';
import { startTraces, tracedSettle, traceRequests } from './traces.ts';

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
  /** Work of its own beside messages and requests; the answer stops it. */
  start?: () => Promise<() => Promise<void>>;
};

/** A process that runs, in a test or for real. */
export type Running = { url: string; app: FastifyInstance; stop: () => Promise<void> };

export type Start<Config, Parts> = {
  name: string;
  config: Config;
  logger: Logger;
  build: (parts: Parts) => Service | Promise<Service>;
  /** The process must end: a consumer will never read again. */
  crashed: (error: Error) => void;
  /** Told of the end of every message. */
  ended?: EngineParts['ended'];
};

const version = '0.1.0';
const partitionsConcurrently = 4;

/** Undoes in the opposite order, each step whatever became of the one before. */
const createUndo = (logger: Logger) => {
  const steps: { name: string; undo: () => unknown }[] = [];
  return {
    add: (name: string, undo: () => unknown): void => void steps.push({ name, undo }),
    run: async (): Promise<void> => {
      for (const { name, undo } of steps.reverse()) {
        try {
          await undo();
        } catch (error) {
          logger.warn('a step of stopping failed', { step: name, reason: String(error) });
        }
      }
    },
  };
};

type Undo = ReturnType<typeof createUndo>;

/** An engine that is not there yet is waited for; a process that starts before its engines needs no special order. */
const waitFor = async <Value>(what: string, logger: Logger, connect: () => Promise<Value>): Promise<Value> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connect();
    } catch (error) {
      if (tries === 20 || !(error instanceof Outage || /^Kafka/.test((error as Error).name))) throw error;
      logger.warn('an engine does not answer yet', { engine: what, tries, reason: (error as Error).message });
      await sleep(systemClock, Math.min(250 * tries, 3_000));
    }
  }
};

type Base = { bus: Bus; batcher: Batcher; metrics: ReturnType<typeof createMetrics>; undo: Undo; traced: boolean };

const openBase = async (
  { name, config, logger, crashed }: Pick<Start<EdgeSettings, never>, 'name' | 'config' | 'logger' | 'crashed'>,
  clock: Clock,
  undo: Undo,
  appended?: (brokerMs: number) => void,
): Promise<Base> => {
  const metrics = createMetrics(name);
  const stopTraces = await startTraces(name, process.env);
  if (stopTraces) undo.add('traces', stopTraces);
  const parts = {
    brokers: config.KAFKA_BROKERS,
    namespace: config.NAMESPACE,
    clientId: `scenefi-${name}`,
    partitions: config.TOPIC_PARTITIONS,
    replication: config.TOPIC_REPLICATION,
    clock,
    random: systemRandom,
    logger,
    meter: metrics,
    sendTimeoutMs: config.SEND_TIMEOUT_MS,
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
    tableRefreshMs: config.TABLE_REFRESH_MS,
    crashed,
    ...(appended && { appended }),
  };
  const bus = await waitFor('kafka', logger, () => connectBus(parts));
  undo.add('bus', bus.close);
  const batcher = createBatcher({ log: bus.log, meter: metrics });
  undo.add('consumers', bus.stopConsuming);
  undo.add('batcher', batcher.drained);
  metrics.gauge('batcher_waiting_events', batcher.waiting);
  return { bus, batcher, metrics, undo, traced: stopTraces !== undefined };
};

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
  const stopOwn = await service.start?.();
  if (stopOwn) undo.add('own work', stopOwn);
  logger.info('service started', { url });
  const stop = async (): Promise<void> => {
    stopping = true;
    await undo.run();
    logger.info('service stopped');
  };
  return { url, app, stop };
};

/** Starts a service without a database. */
export const startEdge = async <Config extends EdgeSettings>(start: Start<Config, Edge<Config>>): Promise<Running> => {
  const { config, logger, build } = start;
  const clock = systemClock;
  const undo = createUndo(logger);
  const skew = brokerSkew(clock);
  const base = await openBase(start, clock, undo, skew.appended);
  const { bus, batcher, metrics } = base;
  const service = await build({
    config,
    clock,
    random: systemRandom,
    logger,
    meter: metrics,
    publisher: batcher,
    openTable: bus.openTable,
  });
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
  const parts = {
    config,
    clock,
    random: systemRandom,
    logger,
    meter: metrics,
    publisher: batcher,
    openTable: bus.openTable,
    store,
    engine,
  };
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
